import { type Random, randomFor } from '../../../mock-server/random.ts';
import { simHash, toHex } from '../../../mock-server/similarity/simhash.ts';
import { callsOf } from '../../../src/attribution/calls-of.ts';
import { createJoiner } from '../../../src/attribution/joiner.ts';
import type { AttemptRecord } from '../../../src/journal/record.ts';

const MS_US = 1000;
const S_US = 1_000_000;
/** How long calls arrive. */
const RUN_US = 300 * S_US;

/** A client of which everything is known: what it sends besides its request, and how it tries again. */
export interface Behaviour {
  readonly name: string;
  /** Milliseconds until retry k, 1-based. */
  wait(k: number, random: Random): number;
  readonly mostAttempts: number;
  readonly marks?: 'tag' | 'key' | 'count';
  /** It is told to wait so many seconds, at the most, and does before what it waits by itself. */
  readonly toldS?: number;
  /** Milliseconds from the start of a call to its first attempt, at the most. */
  readonly lagMs?: number;
  /** Keys that it has, and takes in turns. */
  readonly keys?: number;
  /** Share of requests that it gives up after a second, and sends again at once. */
  readonly timesOut?: number;
}

const between = (least: number, most: number, random: Random): number => least + (most - least) * random();

/** The traits of `backoff.md` 1.4 and of clients that people write by hand. */
export const CLIENTS = {
  tagged: { name: 'sends the header', mostAttempts: 3, marks: 'tag', wait: sdkWait },
  keyed: { name: 'sends Idempotency-Key', mostAttempts: 3, marks: 'key', wait: sdkWait },
  sdk: { name: 'SDK, counts its retries', mostAttempts: 3, marks: 'count', wait: sdkWait },
  fullJitter: {
    name: 'full jitter',
    mostAttempts: 4,
    wait: (k, random) => between(0, Math.min(8000, 500 * 2 ** k), random),
  },
  fixed: { name: 'every second', mostAttempts: 3, wait: (_, random) => between(1000, 1010, random) },
  article: {
    name: '2**attempt, no jitter',
    mostAttempts: 3,
    wait: (k, random) => between(0, 10, random) + 1000 * 2 ** (k - 1),
  },
  rotating: {
    name: 'the same, keys in rotation',
    mostAttempts: 3,
    keys: 3,
    wait: (k, random) => between(0, 10, random) + 1000 * 2 ** (k - 1),
  },
  impatient: {
    name: 'gives up after 1 s, then at once',
    mostAttempts: 3,
    timesOut: 0.5,
    wait: (_, random) => between(1, 20, random),
  },
  obedient: {
    name: 'Retry-After and up to 1 s',
    mostAttempts: 4,
    toldS: 8,
    wait: (_, random) => between(0, 1000, random),
  },
  queued: { name: 'SDK behind a queue of its own', mostAttempts: 3, lagMs: 3000, wait: sdkWait },
} as const satisfies Record<string, Behaviour>;

function sdkWait(k: number, random: Random): number {
  return Math.min(8000, 500 * 2 ** (k - 1)) * between(0.75, 1, random);
}

/** Traffic of clients: attempts by start, the true call of each, and when calls began and ended. */
export interface Traffic {
  readonly attempts: readonly AttemptRecord[];
  readonly truth: ReadonlyMap<AttemptRecord, number>;
  readonly calls: readonly {
    readonly id: number;
    readonly prompt: string;
    readonly beganUs: number;
    readonly endedUs: number;
  }[];
}

/** Calls that come at random, `rate` a second; a share of them asks the same. Each attempt fails with probability 0.3. */
export function trafficOf(client: Behaviour, rate: number, common: number, seed: number): Traffic {
  const random = randomFor(seed, `${client.name} ${rate} ${common}`);
  const truth = new Map<AttemptRecord, number>();
  const calls: Traffic['calls'][number][] = [];
  for (let atUs = 0, id = 1; ; id++) {
    atUs += Math.round((-Math.log(1 - random()) / rate) * S_US);
    if (atUs > RUN_US) break;
    const prompt =
      random() < common ? 'Say hello to everybody who is here today' : `Say hello to guest number ${id} of today`;
    const attempts = attemptsFor(client, { id, prompt, beganUs: atUs }, random);
    for (const attempt of attempts) truth.set(attempt, id);
    calls.push({ id, prompt, beganUs: atUs, endedUs: attempts.at(-1)!.endUs + between(0, 2 * MS_US, random) });
  }
  const attempts = [...truth.keys()].sort((a, b) => a.startUs - b.startUs);
  return { attempts, truth, calls };
}

function attemptsFor(
  { wait, mostAttempts, marks, keys = 1, toldS = 0, lagMs = 3, timesOut = 0 }: Behaviour,
  { id, prompt, beganUs }: { readonly id: number; readonly prompt: string; readonly beganUs: number },
  random: Random,
): AttemptRecord[] {
  const attempts: AttemptRecord[] = [];
  let startUs = beganUs + Math.round(between(0.2, lagMs, random) * MS_US);
  for (let n = 0; n < mostAttempts; n++) {
    const fails = random() < 0.3;
    const waitUs = fails ? Math.ceil(toldS * random()) * S_US : 0;
    const aborted = !fails && random() < timesOut;
    const tookMs = fails ? between(5, 30, random) : aborted ? 1000 : between(300, 2500, random);
    // The server hears a little late that its client has gone.
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
      textHash: toHex(simHash(prompt)),
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

/** How many attempts there were, were joined to a call, and to the true one. */
export interface Score {
  readonly all: number;
  readonly joined: number;
  readonly right: number;
}

/** Feeds the joiner of a run in order of time, without a look at the truth. */
function joinOnline({ attempts, calls }: Traffic): Map<AttemptRecord, number> {
  const joiner = createJoiner();
  const found = new Map<AttemptRecord, number>();
  const events = [
    ...calls.map((call) => ({ atUs: call.beganUs, act: () => joiner.begins(call, call.beganUs) })),
    ...attempts.map((attempt) => ({
      atUs: attempt.endUs,
      act: () => {
        const { call } = joiner.join({ sight: attempt, startUs: attempt.startUs, endUs: attempt.endUs });
        if (call !== null) found.set(attempt, call);
      },
    })),
    ...calls.map((call) => ({ atUs: call.endedUs, act: () => joiner.ends(call.id, call.endedUs) })),
  ];
  for (const { act } of events.sort((a, b) => a.atUs - b.atUs)) act();
  return found;
}

/** An attempt is right where the runner's number of its call is. */
export function scoreOnline(traffic: Traffic): Score {
  const found = joinOnline(traffic);
  return score(traffic, (attempt) => {
    const call = found.get(attempt);
    return call === undefined ? undefined : call === traffic.truth.get(attempt);
  });
}

/** Without numbers of calls, an attempt is right where it follows in its call the one that it truly follows, or none. */
export function scoreInferred(traffic: Traffic): Score {
  const records = callsOf(traffic.attempts, RUN_US).attempts;
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
  const true_ = before((index) => traffic.truth.get(traffic.attempts[index]!)!);
  const places = new Map(traffic.attempts.map((attempt, index) => [attempt, index]));
  return score(traffic, (attempt) => {
    const place = places.get(attempt)!;
    return records[place]!.call === null ? undefined : inferred[place] === true_[place];
  });
}

/** `isRight`: undefined for an attempt that was joined to nothing. */
function score({ attempts }: Traffic, isRight: (attempt: AttemptRecord) => boolean | undefined): Score {
  const found = attempts.map(isRight);
  return {
    all: attempts.length,
    joined: found.filter((right) => right !== undefined).length,
    right: found.filter(Boolean).length,
  };
}
