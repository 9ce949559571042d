/**
 * One queue, retries, waits and a deadline for any SDK, so that the SDK's own retries can be 0. `patiently` calls `attempt` until
 * it is answered, and throws the last error when trying again cannot help or takes too long.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 5;
const ATTEMPT_MS = 60_000;
/** For all attempts of a call and the waits between them, from its first attempt on. */
const CALL_MS = 80_000;

/** Calls that may be on their way at once: one after a refusal, and one more after as many answers as there is room for. */
let room = 3;
let open = 0;
/** Callers who were refused come back one after the other; the last of them at this time. */
let backMs = 0;
const line: (() => void)[] = [];

/** `tokens`: the approximate cost of the request. A limit below it can never admit the request. */
export async function patiently<Answer>(
  tokens: number,
  attempt: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  while (open >= room) await new Promise<void>((turn) => line.push(turn));
  open++;
  const endMs = Date.now() + CALL_MS;
  try {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await attempt(AbortSignal.timeout(Math.min(ATTEMPT_MS, Math.max(1, endMs - Date.now()))));
        room += 1 / room;
        return answer;
      } catch (error) {
        const isRefused = (error as Failure).status === 429;
        const waitMs = requestedMs(error) ?? Math.random() * Math.min(16_000, 1000 * 2 ** tries);
        const atMs = (isRefused ? Math.max(Date.now(), backMs) : Date.now()) + waitMs;
        if (isRefused) room = 1;
        if (!mayPass(error, tokens) || tries === TRIES || atMs >= endMs) throw error;
        if (isRefused) backMs = atMs;
        // A random part keeps callers apart who know nothing of each other.
        await sleep(atMs - Date.now() + Math.random() * Math.min(1000, waitMs / 4));
      }
    }
  } finally {
    open--;
    for (let free = room - open; free > 0 && line.length > 0; free--) line.shift()!();
  }
}

interface Failure {
  readonly status?: number;
  readonly code?: string | null;
  readonly headers?: Headers;
  readonly message?: string;
}

/** Errors without a status are connections that broke, streams that ended early, and answers that nobody can read. */
function mayPass(error: unknown, tokens: number): boolean {
  const { status, code, headers, message = '' } = error as Failure;
  if (headers?.get('x-should-retry') === 'false') return false;
  if (/insufficient_quota|credit balance|spend limit/i.test(`${code} ${message}`) || tokens > limitOf(error))
    return false;
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
}

/** The tightest token limit that a refusal names, in headers or (Gemini) in its message. */
function limitOf(error: unknown): number {
  const { headers, message = '' } = error as Failure;
  const named = [...(headers ?? [])].filter(([name]) => /ratelimit-(limit-tokens|.*tokens-limit)$/.test(name));
  const limits = [...named.map(([, value]) => value), /token_count, limit: (\d+)/.exec(message)?.[1] ?? ''];
  return Math.min(...limits.filter((text) => /^\d+$/.test(text)).map(Number));
}

/** The wait that a refusal requests: in headers, or in the body (Gemini). A date counts from the clock of its sender. */
function requestedMs(error: unknown): number | undefined {
  const { headers, message = '' } = error as Failure;
  const after = headers?.get('retry-after') ?? '';
  const sentMs = Date.parse(headers?.get('date') ?? '');
  const told = [
    Number(headers?.get('retry-after-ms') ?? NaN),
    /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : NaN,
    /GMT$/.test(after) ? Date.parse(after) - (Number.isNaN(sentMs) ? Date.now() : sentMs) : NaN,
    Number(/"retryDelay":\s*"([\d.]+)s"/.exec(message)?.[1] ?? NaN) * 1000,
  ];
  return told.find((ms) => ms > 0);
}
