import type { AttemptGroup, CallGroup, Counts, SecondRecord } from '../../journal/second-record.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import { merged } from '../statistics/counts.ts';

/** What was counted by the second, of calls and attempts that some tags select. */
export interface Counted {
  readonly calls: readonly CallGroup[];
  readonly attempts: readonly AttemptGroup[];
}

/** What it adds to a metric: counted samples, hits among samples, a count, or a dividend alone. */
type Added =
  | { readonly type: 'trend'; of(counted: Counted): readonly Counts[] }
  | { readonly type: 'rate'; of(counted: Counted): readonly [hits: number, samples: number] }
  | { readonly type: 'number'; of(counted: Counted): number };

type Group = { readonly count: number };

const sum = (groups: readonly Group[]): number => groups.reduce((total, { count }) => total + count, 0);
const trend = (of: (counted: Counted) => readonly Counts[]): Added => ({ type: 'trend', of });
const number = (of: (counted: Counted) => number): Added => ({ type: 'number', of });

function share<One extends Group>(all: (counted: Counted) => readonly One[], hit: (group: One) => boolean): Added {
  return { type: 'rate', of: (counted) => [sum(all(counted).filter(hit)), sum(all(counted))] };
}

const ended = ({ calls }: Counted): CallGroup[] => calls.filter(({ result }) => result !== 'open');
const attempts = (counted: Counted): readonly AttemptGroup[] => counted.attempts;

/** By the names of `METRICS`; those that are missing need single attempts, and get nothing. */
const ADDED: Readonly<Record<string, Added>> = {
  call_duration: trend((counted) => ended(counted).map(({ durations }) => durations)),
  call_failed: share(ended, ({ result }) => result === 'error'),
  calls: number(({ calls }) => sum(calls)),
  calls_unfinished: number(({ calls }) => sum(calls.filter(({ result }) => result === 'open'))),
  goodput: number(({ calls }) => sum(calls.filter(({ result }) => result === 'ok'))),
  attempts: number((counted) => sum(counted.attempts)),
  attempt_duration: trend((counted) => counted.attempts.map(({ durations }) => durations)),
  attempt_rejected: share(attempts, isRejected),
  attempt_failed: share(attempts, (group) => !isAdmitted(group) && !isRejected(group)),
  time_to_first_byte: trend((counted) => counted.attempts.filter(isAdmitted).map(({ firstBytes }) => firstBytes)),
  retry_after_asked: trend((counted) => counted.attempts.map(({ retryAfter }) => retryAfter)),
  prompt_tokens: number((counted) => counted.attempts.reduce((total, { promptTokens }) => total + promptTokens, 0)),
  completion_tokens: number((counted) =>
    counted.attempts.reduce((total, { completionTokens }) => total + completionTokens, 0),
  ),
};

/** All that was counted, together. */
export function countedOf(seconds: readonly SecondRecord[]): Counted {
  return {
    calls: seconds.flatMap(({ calls = [] }) => calls),
    attempts: seconds.flatMap((second) => second.attempts ?? []),
  };
}

/** Samples that were counted for a trend. */
export function addedSamples(name: string, counted: Counted): Counts {
  const added = ADDED[name];
  return added?.type === 'trend' ? merged(added.of(counted)) : [];
}

export function addedShare(name: string, counted: Counted): readonly [hits: number, samples: number] {
  const added = ADDED[name];
  return added?.type === 'rate' ? added.of(counted) : [0, 0];
}

export function addedNumber(name: string, counted: Counted): number {
  const added = ADDED[name];
  return added?.type === 'number' ? added.of(counted) : 0;
}
