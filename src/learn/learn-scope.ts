import { linearRegression, mean } from 'simple-statistics';
import type { Scope } from '../../mock-server/admission/limit.ts';
import { type Candidate, GOOD } from './candidates.ts';
import type { Finding } from './learnt.ts';
import type { Reading } from './reading.ts';
import type { Series } from './series.ts';
import { byBucket, type Split, splitsOf } from './traffic.ts';

export interface Sharing extends Finding {
  readonly scope: readonly Scope[];
  readonly open: readonly string[];
}

/** What every split that is judged gets: 1 is all that was seen foretold, 0 nothing. */
type Judged = ReadonlyMap<Split, number>;

/** So many answers more must one way of sharing miss than the best, to be ruled out, and to be so for sure. */
const MORE_MISSED = { likely: 5, sure: 10 };

/** Who shares a limit's bucket: which way of splitting the requests foretells what keys and models saw of it. */
export function learnSharing(series: Series, candidates: readonly Candidate[]): Sharing {
  const splits = splitsOf(series.draws);
  const owner = series.refusals.find((words) => words.owner)?.owner ?? 'organization';
  const open = unseen(series);
  if (splits.length === 1) return { ...stated(series, owner), open };
  const judged = judge(series, candidates, splits);
  const [best, next] = [...judged].sort((a, b) => b[1] - a[1]);
  const compared = candidates[0]?.compared ?? 0;
  const missed = (share: number): number => Math.round((1 - share) * compared);
  const ruledOut = next && best ? missed(next[1]) - 3 * missed(best[1]) : 0;
  if (!best || best[1] < 0.9 || ruledOut < MORE_MISSED.likely) {
    const because = 'what keys and models saw of it suits more than one way of sharing, or none';
    const what = series.models || open.length > 0 ? 'keys or models' : 'keys and models';
    return { scope: [owner], confidence: 'guess', because, open: [...open, `whether ${what} share it`] };
  }
  const scope = scopeOf(best[0], owner);
  const exact = series.unit === 'requests' && best[1] >= GOOD && ruledOut >= MORE_MISSED.sure;
  return { scope, confidence: exact ? 'sure' : 'likely', because: becauseOf(best[0], splits), open };
}

function unseen({ draws, models }: Series): string[] {
  const open: string[] = [];
  if (new Set(draws.map(({ key }) => key)).size < 2) open.push('whether keys share it: the recording has only one key');
  const several = new Set(draws.map(({ model }) => model)).size > 1;
  if (!several && models === undefined) open.push('whether models share it: the recording has only one model');
  return open;
}

function stated({ refusals }: Series, owner: 'organization' | 'project'): Omit<Sharing, 'open'> {
  const says = refusals.find((words) => words.owner !== undefined);
  const scope: Scope[] = refusals.some(({ perModel }) => perModel) ? [owner, 'model'] : [owner];
  if (says) return { scope, confidence: 'likely', because: `refusals say that it is the ${owner}'s` };
  return { scope, confidence: 'guess', because: 'nothing tells; providers meter organizations' };
}

function scopeOf(split: Split, owner: 'organization' | 'project'): Scope[] {
  if (split.includes('key')) return [...split];
  return [owner, ...split];
}

function becauseOf(split: Split, splits: readonly Split[]): string {
  const told = [...new Set(splits.flat())];
  const shared = told.filter((part) => !split.includes(part)).map((part) => `${part}s share it`);
  const own = split.map((part) => `each ${part} has its own`);
  return `${[...own, ...shared].join(' and ')}: only so does what was drawn explain what was left`;
}

function judge(series: Series, candidates: readonly Candidate[], splits: readonly Split[]): Judged {
  const [best] = candidates;
  if (best && series.unit !== 'requests' && best.spec.algorithm === 'token-bucket') {
    const { capacity, refill } = best.spec;
    return judgeByCosts(series, splits, refill.periodUs / refill.amount, capacity);
  }
  return new Map(
    splits.map((split) => {
      const own = candidates.filter((candidate) => String(candidate.split) === String(split));
      return [split, Math.max(0, ...own.map(({ share }) => share))];
    }),
  );
}

/** How many times as even the costs must be that one split implies. */
const EVENER = 3;

/**
 * Tokens have no known cost; but each split implies one for every request, by how far it put off the moment at which the
 * bucket is full. Under the true split that is what such a prompt costs; under another it is the sum of several, or negative.
 */
function judgeByCosts({ readings }: Series, splits: readonly Split[], unitUs: number, limit: number): Judged {
  const spreads = splits.map((split) => {
    const costs = byBucket(readings, split).flatMap((bucket) => costsOf(bucket, unitUs));
    return costs.length < 8 ? Infinity : deviation(costs) + limit * 1e-4;
  });
  const least = Math.min(...spreads);
  return new Map(splits.map((split, n) => [split, spreads[n]! <= EVENER * least && least < Infinity ? 0.95 : 0]));
}

/** Prompt and cost of each request, as two numbers. */
function costsOf(bucket: readonly Reading[], unitUs: number): [number, number][] {
  return bucket.slice(1).flatMap((reading, n): [number, number][] => {
    const before = bucket[n]!;
    if (!reading.resetUs || !before.resetUs || reading.refused) return [];
    const leftUs = Math.max(0, before.resetUs.high - (reading.atUs - before.atUs));
    return [[reading.promptTokens ?? 0, (reading.resetUs.high - leftUs) / unitUs]];
  });
}

/** Mean distance of costs from the line through them that prompts explain. */
function deviation(costs: readonly [number, number][]): number {
  const { m, b } = linearRegression(costs as [number, number][]);
  const slope = Number.isFinite(m) ? m : 0;
  const level = Number.isFinite(b) ? b : mean(costs.map(([, cost]) => cost));
  return mean(costs.map(([prompt, cost]) => Math.abs(cost - level - slope * prompt)));
}
