import { linearRegression, mean } from 'simple-statistics';
import type { Scope } from '../../mock-server/admission/limit.ts';
import { type Candidate, GOOD_SHARE } from './candidates.ts';
import type { Finding } from './learnt.ts';
import type { LimitReading } from './limit-reading.ts';
import type { Series } from './series.ts';
import { byBucket, type Split, splitsOf } from './traffic.ts';

export interface Sharing extends Finding {
  readonly scope: readonly Scope[];
  readonly open: readonly string[];
}

/** Score of each split, from 0 to 1: the share of readings that it predicts. */
type SplitScores = ReadonlyMap<Split, number>;

/** A split is ruled out if it mispredicts this many more replies than the best one does. */
const MIN_EXTRA_MISSES = { likely: 5, sure: 10 };

/** Infers who shares a bucket of the limit: the split of requests by key and model that predicts the readings best. */
export function learnSharing(series: Series, candidates: readonly Candidate[]): Sharing {
  const splits = splitsOf(series.requests);
  const owner = series.refusals.find(({ owner: stated }) => stated)?.owner ?? 'organization';
  const open = openQuestions(series);
  if (splits.length === 1) return { ...statedSharing(series, owner), open };
  const judged = scoreSplits(series, candidates, splits);
  const [best, next] = [...judged].sort((a, b) => b[1] - a[1]);
  const compared = candidates[0]?.compared ?? 0;
  const missed = (share: number): number => Math.round((1 - share) * compared);
  const ruledOut = next && best ? missed(next[1]) - 3 * missed(best[1]) : 0;
  if (!best || best[1] < 0.9 || ruledOut < MIN_EXTRA_MISSES.likely) {
    const because = 'several ways of sharing fit the replies for these keys and models, or none does';
    const what = series.models || open.length > 0 ? 'keys or models' : 'keys and models';
    return { scope: [owner], confidence: 'guess', because, open: [...open, `whether ${what} share it`] };
  }
  const scope = scopeOf(best[0], owner);
  const exact = series.unit === 'requests' && best[1] >= GOOD_SHARE && ruledOut >= MIN_EXTRA_MISSES.sure;
  return { scope, confidence: exact ? 'sure' : 'likely', because: describeSplit(best[0], splits), open };
}

function openQuestions({ requests, models }: Series): string[] {
  const open: string[] = [];
  if (new Set(requests.map(({ key }) => key)).size < 2)
    open.push('whether keys share it: the recording has only 1 key');
  const several = new Set(requests.map(({ model }) => model)).size > 1;
  if (!several && models === undefined) open.push('whether models share it: the recording has only 1 model');
  return open;
}

function statedSharing({ refusals }: Series, owner: 'organization' | 'project'): Omit<Sharing, 'open'> {
  const says = refusals.find((refusal) => refusal.owner !== undefined);
  const scope: Scope[] = refusals.some(({ perModel }) => perModel) ? [owner, 'model'] : [owner];
  if (says) return { scope, confidence: 'likely', because: `refusals name the ${owner} as the owner` };
  return { scope, confidence: 'guess', because: 'no evidence; providers usually meter organizations' };
}

function scopeOf(split: Split, owner: 'organization' | 'project'): Scope[] {
  if (split.includes('key')) return [...split];
  return [owner, ...split];
}

function describeSplit(split: Split, splits: readonly Split[]): string {
  const parts = [...new Set(splits.flat())];
  const shared = parts.filter((part) => !split.includes(part)).map((part) => `${part}s share it`);
  const own = split.map((part) => `each ${part} has its own`);
  return `${[...own, ...shared].join(' and ')}: no other split of the requests explains the remaining counts`;
}

function scoreSplits(series: Series, candidates: readonly Candidate[], splits: readonly Split[]): SplitScores {
  const [best] = candidates;
  if (best && series.unit !== 'requests' && best.spec.algorithm === 'token-bucket') {
    const { capacity, refill } = best.spec;
    return scoreSplitsByCost(series, splits, refill.periodUs / refill.amount, capacity);
  }
  return new Map(
    splits.map((split) => {
      const own = candidates.filter((candidate) => String(candidate.split) === String(split));
      return [split, Math.max(0, ...own.map(({ share }) => share))];
    }),
  );
}

/** Splits whose costs spread up to this many times the smallest spread are still possible. */
const MAX_SPREAD_RATIO = 3;

/**
 * The token cost of a request is unknown, but each split implies one: how far the request postponed the time at which the
 * bucket is full. Under the true split that is the cost of such a prompt; under another, the sum of several, or negative.
 */
function scoreSplitsByCost({ readings }: Series, splits: readonly Split[], unitUs: number, limit: number): SplitScores {
  const spreads = splits.map((split) => {
    const costs = byBucket(readings, split).flatMap((bucket) => costsOf(bucket, unitUs));
    return costs.length < 8 ? Infinity : meanDeviation(costs) + limit * 1e-4;
  });
  const smallest = Math.min(...spreads);
  return new Map(
    splits.map((split, n) => [split, spreads[n]! <= MAX_SPREAD_RATIO * smallest && smallest < Infinity ? 0.95 : 0]),
  );
}

/** Prompt tokens and implied cost of each request. */
function costsOf(bucket: readonly LimitReading[], unitUs: number): [number, number][] {
  return bucket.slice(1).flatMap((reading, n): [number, number][] => {
    const before = bucket[n]!;
    if (!reading.resetUs || !before.resetUs || reading.refused) return [];
    const leftUs = Math.max(0, before.resetUs.high - (reading.atUs - before.atUs));
    return [[reading.promptTokens ?? 0, (reading.resetUs.high - leftUs) / unitUs]];
  });
}

/** Mean absolute deviation of the costs from their regression line over prompt tokens. */
function meanDeviation(costs: readonly [number, number][]): number {
  const { m, b } = linearRegression(costs as [number, number][]);
  const slope = Number.isFinite(m) ? m : 0;
  const level = Number.isFinite(b) ? b : mean(costs.map(([, cost]) => cost));
  return mean(costs.map(([prompt, cost]) => Math.abs(cost - level - slope * prompt)));
}
