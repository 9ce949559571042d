import type { AutocannonCode } from '../scenario/scenario.ts';

/** What one of several threads sends of a load: its connections, requests and rate. Sums over all threads are exact. */
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
