import type { AutocannonCode } from '../scenario/scenario.ts';

/** Returns a thread's share of the connections, requests and rate of a load. The shares add up exactly. */
export function shareOf(code: AutocannonCode, thread: number): AutocannonCode {
  const { connections, amount, ratePerSecond, workers } = code;
  const part = (whole: number): number => Math.floor(whole / workers) + (thread < whole % workers ? 1 : 0);
  return {
    ...code,
    workers: 1,
    connections: part(connections),
    ...(amount !== undefined && { amount: part(amount) }),
    ...(ratePerSecond !== undefined && { ratePerSecond: part(ratePerSecond) }),
  };
}
