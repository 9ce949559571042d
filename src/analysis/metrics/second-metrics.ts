import type { AttemptGroup, CallGroup, SecondRecord, ValueCounts } from '../../journal/second-record.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import { mergeCounts } from '../statistics/counts.ts';

/** Calls and attempts that were counted per second instead of recorded one by one. */
export interface CountedGroups {
  readonly calls: readonly CallGroup[];
  readonly attempts: readonly AttemptGroup[];
}

/** What the counts add to a metric: samples, hits among samples, or a number (a count or a dividend). */
type CountedMetric =
  | { readonly type: 'trend'; of(counted: CountedGroups): readonly ValueCounts[] }
  | { readonly type: 'rate'; of(counted: CountedGroups): readonly [hits: number, samples: number] }
  | { readonly type: 'number'; of(counted: CountedGroups): number };

type Group = { readonly count: number };

const sum = (groups: readonly Group[]): number => groups.reduce((total, { count }) => total + count, 0);
const trend = (of: (counted: CountedGroups) => readonly ValueCounts[]): CountedMetric => ({ type: 'trend', of });
const number = (of: (counted: CountedGroups) => number): CountedMetric => ({ type: 'number', of });

function share<Item extends Group>(
  all: (counted: CountedGroups) => readonly Item[],
  hit: (group: Item) => boolean,
): CountedMetric {
  return { type: 'rate', of: (counted) => [sum(all(counted).filter(hit)), sum(all(counted))] };
}

const endedGroups = ({ calls }: CountedGroups): CallGroup[] => calls.filter(({ result }) => result !== 'open');
const attempts = (counted: CountedGroups): readonly AttemptGroup[] => counted.attempts;

/** Keyed by metric name. Metrics not listed need single attempts and get nothing from counts. */
const COUNTED_METRICS: Readonly<Record<string, CountedMetric>> = {
  call_duration: trend((counted) => endedGroups(counted).map(({ durations }) => durations)),
  call_failed: share(endedGroups, ({ result }) => result === 'error'),
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

/** Collects the groups of all seconds. */
export function collectGroups(seconds: readonly SecondRecord[]): CountedGroups {
  return {
    calls: seconds.flatMap(({ calls = [] }) => calls),
    attempts: seconds.flatMap((second) => second.attempts ?? []),
  };
}

/** Returns the counted samples of a trend. */
export function countedSamples(name: string, counted: CountedGroups): ValueCounts {
  const added = COUNTED_METRICS[name];
  return added?.type === 'trend' ? mergeCounts(added.of(counted)) : [];
}

export function countedShare(name: string, counted: CountedGroups): readonly [hits: number, samples: number] {
  const added = COUNTED_METRICS[name];
  return added?.type === 'rate' ? added.of(counted) : [0, 0];
}

export function countedNumber(name: string, counted: CountedGroups): number {
  const added = COUNTED_METRICS[name];
  return added?.type === 'number' ? added.of(counted) : 0;
}
