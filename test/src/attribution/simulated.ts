import { type Random, randomFor } from '../../../mock-server/random.ts';
import { wordsHash } from '../../../mock-server/similarity/words-hash.ts';
import { inferCalls } from '../../../src/attribution/infer-calls.ts';
import { createJoiner } from '../../../src/attribution/joiner.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';

const MS_US = 1000;
const S_US = 1_000_000;
/** Time during which calls arrive. */
const RUN_US = 300 * S_US;

/** A simulated client: the marks that it sends, and how it retries. */
export interface Behaviour {
  readonly name: string;
  /** Milliseconds until retry k, 1-based. */
  wait(k: number, random: Random): number;
  readonly maxAttempts: number;
  readonly marks?: 'tag' | 'key' | 'count';
  /** Largest Retry-After, in seconds; the client waits for it before its own wait. */
  readonly retryAfterS?: number;
  /** Longest time from the start of a call to its first attempt, in milliseconds. */
  readonly lagMs?: number;
  /** Number of API keys that it rotates. */
  readonly keys?: number;
  /** Share of requests that it aborts after a second and retries at once. */
  readonly timesOut?: number;
}

const between = (min: number, max: number, random: Random): number => min + (max - min) * random();

/** Clients as in `backoff.md` 1.4, and hand-written ones. The names seed their random numbers. */
export const CLIENTS = {
  tagged: { name: 'sends the header', maxAttempts: 3, marks: 'tag', wait: sdkWait },
  keyed: { name: 'sends Idempotency-Key', maxAttempts: 3, marks: 'key', wait: sdkWait },
  sdk: { name: 'SDK, counts its retries', maxAttempts: 3, marks: 'count', wait: sdkWait },
  fullJitter: {
    name: 'full jitter',
    maxAttempts: 4,
    wait: (k, random) => between(0, Math.min(8000, 500 * 2 ** k), random),
  },
  fixed: { name: 'every second', maxAttempts: 3, wait: (_, random) => between(1000, 1010, random) },
  article: {
    name: '2**attempt, no jitter',
    maxAttempts: 3,
    wait: (k, random) => between(0, 10, random) + 1000 * 2 ** (k - 1),
  },
  rotating: {
    name: 'the same, keys in rotation',
    maxAttempts: 3,
    keys: 3,
    wait: (k, random) => between(0, 10, random) + 1000 * 2 ** (k - 1),
  },
  impatient: {
    name: 'gives up after 1 s, then at once',
    maxAttempts: 3,
    timesOut: 0.5,
    wait: (_, random) => between(1, 20, random),
  },
  obedient: {
    name: 'Retry-After and up to 1 s',
    maxAttempts: 4,
    retryAfterS: 8,
    wait: (_, random) => between(0, 1000, random),
  },
  queued: { name: 'SDK behind a queue of its own', maxAttempts: 3, lagMs: 3000, wait: sdkWait },
} as const satisfies Record<string, Behaviour>;

function sdkWait(k: number, random: Random): number {
  return Math.min(8000, 500 * 2 ** (k - 1)) * between(0.75, 1, random);
}

/** Simulated traffic: attempts in order of start, the true call of each, and the calls. */
export interface Traffic {
  readonly attempts: readonly AttemptRecord[];
  readonly truth: ReadonlyMap<AttemptRecord, number>;
  readonly calls: readonly {
    readonly id: number;
    readonly prompt: string;
    readonly startedUs: number;
    readonly endedUs: number;
  }[];
}

/**
 * Simulates calls at random times, `rate` per second; `common` is the share with the same prompt. Attempts fail with
 * probability 0.3.
 */
export function simulateTraffic(client: Behaviour, rate: number, common: number, seed: number): Traffic {
  const random = randomFor(seed, `${client.name} ${rate} ${common}`);
  const truth = new Map<AttemptRecord, number>();
  const calls: Traffic['calls'][number][] = [];
  for (let atUs = 0, id = 1; ; id++) {
    atUs += Math.round((-Math.log(1 - random()) / rate) * S_US);
    if (atUs > RUN_US) break;
    const prompt =
      random() < common ? 'Say hello to everybody who is here today' : `Say hello to guest number ${id} of today`;
    const attempts = attemptsFor(client, { id, prompt, startedUs: atUs }, random);
    for (const attempt of attempts) truth.set(attempt, id);
    calls.push({ id, prompt, startedUs: atUs, endedUs: attempts.at(-1)!.endUs + between(0, 2 * MS_US, random) });
  }
  const attempts = [...truth.keys()].sort((a, b) => a.startUs - b.startUs);
  return { attempts, truth, calls };
}

function attemptsFor(
  { wait, maxAttempts, marks, keys = 1, retryAfterS = 0, lagMs = 3, timesOut = 0 }: Behaviour,
  { id, prompt, startedUs }: { readonly id: number; readonly prompt: string; readonly startedUs: number },
  random: Random,
): AttemptRecord[] {
  const attempts: AttemptRecord[] = [];
  let startUs = startedUs + Math.round(between(0.2, lagMs, random) * MS_US);
  for (let n = 0; n < maxAttempts; n++) {
    const fails = random() < 0.3;
    const waitUs = fails ? Math.ceil(retryAfterS * random()) * S_US : 0;
    const aborted = !fails && random() < timesOut;
    const tookMs = fails ? between(5, 30, random) : aborted ? 1000 : between(300, 2500, random);
    // The server notices an aborted request a little late.
    const endUs = startUs + Math.round((tookMs + (aborted ? between(0, 4, random) : 0)) * MS_US);
    attempts.push({
      type: 'attempt',
      id: 0,
      call: null,
      joinedBy: 'none',
      startUs,
      ...(!aborted && { headersUs: endUs }),
      endUs,
      outcome: aborted ? 'aborted' : 'response',
      endpoint: 'chat.completions',
      status: fails ? 429 : 200,
      key: `k${Math.floor(keys * random())}`,
      limits: [],
      bodyHash: prompt,
      bodyBytes: 100,
      textHash: wordsHash(prompt),
      stream: false,
      ...(waitUs > 0 && { retryAfterUs: waitUs }),
      ...(marks === 'tag' && { callTag: String(id) }),
      ...(marks === 'key' && { idempotencyKey: String(id) }),
      ...(marks === 'count' && { retryCount: n }),
    });
    if (!fails && !aborted) break;
    startUs += Math.round((tookMs + wait(n + 1, random)) * MS_US) + waitUs;
  }
  return attempts;
}

/** Numbers of attempts: all, those joined to a call, and those joined to the right call. */
export interface Score {
  readonly all: number;
  readonly joined: number;
  readonly right: number;
}

/** Feeds the traffic in order of time to a joiner, which does not know the true calls. */
function joinOnline({ attempts, calls }: Traffic): Map<AttemptRecord, number> {
  const joiner = createJoiner();
  const found = new Map<AttemptRecord, number>();
  const events = [
    ...calls.map((call) => ({ atUs: call.startedUs, act: () => joiner.callStarted(call, call.startedUs) })),
    ...attempts.map((attempt) => ({
      atUs: attempt.endUs,
      act: () => {
        const { call } = joiner.join({
          view: attempt,
          promptHash: attempt.textHash!,
          startUs: attempt.startUs,
          endUs: attempt.endUs,
        });
        if (call !== null) found.set(attempt, call);
      },
    })),
    ...calls.map((call) => ({ atUs: call.endedUs, act: () => joiner.callEnded(call.id, call.endedUs) })),
  ];
  for (const { act } of events.sort((a, b) => a.atUs - b.atUs)) act();
  return found;
}

/** Scores the joiner: an attempt is right if its call is the true one. */
export function scoreOnline(traffic: Traffic): Score {
  const found = joinOnline(traffic);
  return score(traffic, (attempt) => {
    const call = found.get(attempt);
    return call === undefined ? undefined : call === traffic.truth.get(attempt);
  });
}

/** Scores inferred calls, which have other numbers: an attempt is right if it follows the true previous attempt of its call. */
export function scoreInferred(traffic: Traffic): Score {
  const records = inferCalls(traffic.attempts, RUN_US).attempts;
  const before = (callOf: (index: number) => number | null): (number | undefined)[] => {
    const last = new Map<number, number>();
    return traffic.attempts.map((_, index) => {
      const call = callOf(index);
      if (call === null) return undefined;
      const previous = last.get(call);
      last.set(call, index);
      return previous;
    });
  };
  const inferred = before((index) => records[index]!.call);
  const actual = before((index) => traffic.truth.get(traffic.attempts[index]!)!);
  const places = new Map(traffic.attempts.map((attempt, index) => [attempt, index]));
  return score(traffic, (attempt) => {
    const place = places.get(attempt)!;
    return records[place]!.call === null ? undefined : inferred[place] === actual[place];
  });
}

/** `isRight` returns undefined for an attempt that was joined to no call. */
function score({ attempts }: Traffic, isRight: (attempt: AttemptRecord) => boolean | undefined): Score {
  const found = attempts.map(isRight);
  return {
    all: attempts.length,
    joined: found.filter((right) => right !== undefined).length,
    right: found.filter(Boolean).length,
  };
}
