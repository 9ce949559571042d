import { setTimeout as sleep } from 'node:timers/promises';
import type { DialectName } from '../../../../mock-server/dialects/dialects.ts';
import type { CallContext, ClientCall } from '../../../../src/client/client.ts';
import { type DrawnClient, drawOwnWaitMs } from '../client-value.ts';
import { startGate } from '../gates.ts';
import { readWaitMs } from '../reading.ts';
import { type Outcome, sendAttempt } from '../send-attempt.ts';

/** The code of any drawn client: it reads the value, and does what it says, with `fetch`. */

const client = JSON.parse(process.env.DRAWN_CLIENT!) as DrawnClient;
const dialect = process.env.DRAWN_DIALECT as DialectName;
const gate = startGate(client.gate);

/** What one call carries from attempt to attempt. */
interface State {
  readonly call: ClientCall;
  readonly over: AbortSignal;
  readonly startMs: number;
  /** Texts of broken streams that the caller has already received. */
  partial: string;
  sent: number;
}

export default async function runDrawn(given: ClientCall, { signal }: CallContext): Promise<string> {
  const call = { ...given, prompt: given.load === undefined ? given.prompt : `${given.load}: ${given.prompt}` };
  const over = client.deadlineMs === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(client.deadlineMs)]);
  const state: State = { call, over, startMs: Date.now(), partial: '', sent: 0 };
  try {
    await gate.enterCall(call.vu);
    try {
      return await runRounds(state);
    } finally {
      gate.endCall();
    }
  } catch (error) {
    if (client.givesUpWith === 'an error') throw error;
    return client.givesUpWith === 'an empty text' ? '' : `Error: ${(error as Error).message}`;
  }
}

async function runRounds(state: State): Promise<string> {
  const rounds = client.outer?.rounds ?? 1;
  for (let round = 1; ; round++) {
    const last = await runAttempts(state);
    if (last.ending === 'answered') return state.partial + last.text;
    if (round === rounds || !client.repeats.includes(last.ending)) throw failure(last);
    await pause(state, client.outer!.pauseMs);
  }
}

/** One round: attempts until one is answered, none is left, or its ending is not repeated. */
async function runAttempts(state: State): Promise<Outcome> {
  for (let retry = 0; ; retry++) {
    const outcome = await runAttempt(state, retry);
    if (outcome.ending === 'answered' || !client.repeats.includes(outcome.ending)) return outcome;
    if (outcome.ending === 'broken' && outcome.text !== '') {
      if (client.brokenStream === 'surface') throw failure(outcome);
      if (client.brokenStream === 'deliver') return { ...outcome, ending: 'answered' };
      if (client.brokenStream === 'replay') state.partial += outcome.text;
    }
    if (client.attempts !== null && retry + 1 >= client.attempts) return outcome;
    await pause(state, nextWaitMs(outcome, retry));
  }
}

/** The wait before the next attempt: the requested one as the client reads it, else its own. */
function nextWaitMs({ requests }: Outcome, retry: number): number {
  const requestedMs = readWaitMs(client.reading, requests, Date.now());
  if (requestedMs === undefined || requestedMs > client.obeysUpToMs)
    return drawOwnWaitMs(client.wait, retry, Math.random);
  return requestedMs + Math.random() * client.spread * requestedMs;
}

async function runAttempt(state: State, retry: number): Promise<Outcome> {
  const { call, over } = state;
  await gate.enterAttempt(call.vu);
  over.throwIfAborted();
  const timeout = new AbortController();
  const timer = client.timeoutMs === null ? undefined : setTimeout(() => timeout.abort(), client.timeoutMs);
  const outcome = await sendHedged(state, retry, AbortSignal.any([over, timeout.signal]));
  clearTimeout(timer);
  gate.endAttempt(call.vu, outcome.ending);
  over.throwIfAborted();
  return outcome;
}

/** Sends the request, and again if no answer has begun in time; the first answer wins and ends the other. */
async function sendHedged(state: State, retry: number, signal: AbortSignal): Promise<Outcome> {
  const { hedgeAfterMs } = client;
  const loser = new AbortController();
  const both = AbortSignal.any([signal, loser.signal]);
  const head = Promise.withResolvers<void>();
  const first = sendAttempt(dialect, state.call, headersOf(state, retry), both, head.resolve);
  if (hedgeAfterMs === null) return first;
  const late = new AbortController();
  const isLate = sleep(hedgeAfterMs, true, { signal: late.signal }).catch(() => false);
  const begun = Promise.race([head.promise, first]).then(() => false);
  if (!(await Promise.race([isLate, begun]))) {
    late.abort();
    return first;
  }
  const second = sendAttempt(dialect, state.call, headersOf(state, retry), both, () => undefined);
  const winner = await Promise.race([first, second]);
  loser.abort();
  return winner;
}

function headersOf(state: State, retry: number): Record<string, string> {
  const attempt = state.sent++;
  const { idempotencyKey, sendsRetryCount } = client;
  return {
    ...(idempotencyKey !== 'none' && {
      'idempotency-key': idempotencyKey === 'same' ? `call-${state.call.id}` : `call-${state.call.id}-${attempt}`,
    }),
    ...(sendsRetryCount && { 'x-stainless-retry-count': String(retry) }),
  };
}

async function pause({ over }: State, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: over });
}

function failure({ status, code, message }: Outcome): Error {
  return Object.assign(new Error(message), { name: 'ProviderError', ...(status && { status }), ...(code && { code }) });
}
