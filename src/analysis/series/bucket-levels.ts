import { isGrowthLimit, limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { createFindRefill } from './find-refill.ts';
import { createLevelLine, type LevelLine } from './level-line.ts';

/** The level of one bucket over a run, and how scarce it was. */
export interface BucketLevels {
  /** As in the journal: `requests[organization=org-a]`. */
  readonly bucket: string;
  readonly limit: string;
  readonly unit: string;
  readonly amount: number;
  /** Whether it grows with use: the amount is then the most that it held. */
  readonly grows: boolean;
  /** Requests that used it. */
  readonly requests: number;
  /** Share of the run in which a request like the last one would have been refused. */
  readonly usedUpShare: number;
  /** The lowest level as a share of the amount. */
  readonly leastShare: number;
  readonly line: LevelLine;
}

/** Computes the level of every bucket that a request used, those that were used up longest first. */
export function computeBucketLevels(run: Run): BucketLevels[] {
  const limits = new Map(limitsOf(run.header.scenario).map((limit) => [limit.name, limit]));
  const walks = new Map<string, BucketWalk>();
  for (const attempt of run.attempts) {
    for (const view of attempt.limits) {
      const limit = limits.get(view.limit);
      if (!limit) continue;
      const walk = walks.get(view.bucket) ?? new BucketWalk(limit.spec, run);
      if (walk.requests === 0) walks.set(view.bucket, walk);
      walk.add(attempt, view);
    }
  }
  return [...walks]
    .map(([bucket, walk]): BucketLevels => {
      const { name, unit } = limits.get(walk.limit)!;
      return { bucket, limit: name, unit, ...walk.finish() };
    })
    .sort((a, b) => b.usedUpShare - a.usedUpShare || a.leastShare - b.leastShare || b.requests - a.requests);
}

/** What is left before the first request: all, unless the scenario says otherwise. */
function levelAtFirst(spec: AlgorithmSpec): number {
  const limiter = createLimiter(spec);
  return limiter.check(limiter.initial(0), 0, 0).remaining;
}

type View = Attempt['limits'][number];

/** Follows one bucket from request to request. */
class BucketWalk {
  requests = 0;
  limit = '';
  readonly #line: LevelLine & { add(atUs: number, level: number): void };
  /** A limit that grows holds what it held most. */
  #amount: number;
  readonly #grows: boolean;
  readonly #endUs: number;
  readonly #findRefill: ReturnType<typeof createFindRefill>;
  #refill: ReturnType<ReturnType<typeof createFindRefill>>;
  /** When the last request left it used up, and until when that lasts if nothing else is charged. */
  #usedUp: { readonly fromUs: number; readonly untilUs: number } | undefined;
  #usedUpUs = 0;
  #least: number;
  #level: number;

  constructor(spec: AlgorithmSpec, run: Run) {
    this.#amount = limitAmount(spec);
    this.#grows = isGrowthLimit(spec);
    this.#least = this.#amount;
    this.#endUs = run.endUs;
    this.#line = createLevelLine(run.endUs);
    this.#findRefill = createFindRefill(spec, run.header.generated.startedUs);
    this.#level = levelAtFirst(spec);
    if (this.#level < this.#amount) this.#refill = this.#findRefill(0, this.#level);
  }

  add({ startUs, deniedBy, admitAfterUs }: Attempt, { limit, before, after, cost }: View): void {
    if (this.requests++ === 0) this.#line.add(0, this.#level);
    this.limit = limit;
    if (this.#grows) this.#amount = Math.max(this.#amount, before);
    this.#advance(startUs);
    this.#line.add(startUs, before);
    this.#line.add(startUs, after);
    this.#least = Math.min(this.#least, after);
    this.#level = after;
    this.#refill = this.#findRefill(startUs, after);
    const need = Math.max(1, cost);
    if (after >= need) return;
    const wait = deniedBy === limit ? admitAfterUs : undefined;
    this.#usedUp = {
      fromUs: startUs,
      untilUs: wait === undefined ? this.#availableUs(startUs, after, need) : startUs + wait,
    };
  }

  finish(): Pick<BucketLevels, 'amount' | 'grows' | 'requests' | 'usedUpShare' | 'leastShare' | 'line'> {
    this.#advance(this.#endUs);
    const rises = this.#refill !== undefined && this.#refill.levels.length === 1;
    this.#line.add(this.#endUs, rises ? this.#risenTo(this.#endUs) : this.#level);
    return {
      amount: this.#amount,
      grows: this.#grows,
      requests: this.requests,
      usedUpShare: this.#endUs === 0 ? 0 : this.#usedUpUs / this.#endUs,
      leastShare: this.#amount === 0 ? 0 : this.#least / this.#amount,
      line: this.#line,
    };
  }

  /** Draws what happens by itself until `atUs`: a bucket rises until it is full, a window is full again at its end. */
  #advance(atUs: number): void {
    if (this.#usedUp) this.#usedUpUs += Math.max(0, Math.min(atUs, this.#usedUp.untilUs) - this.#usedUp.fromUs);
    this.#usedUp = undefined;
    const refill = this.#refill;
    if (refill && refill.atUs <= atUs) {
      for (const level of refill.levels) this.#line.add(refill.atUs, level);
      this.#level = this.#amount;
      this.#refill = undefined;
    } else if (refill?.levels.length !== 1 && this.requests > 0) {
      // Not known between two requests: it stays until the next one shows another level.
      this.#line.add(atUs, this.#level);
    }
  }

  /** When `need` units are there, for a level that rises evenly; otherwise when the bucket is full, or unknown. */
  #availableUs(startUs: number, after: number, need: number): number {
    if (!this.#refill) return Infinity;
    const share = this.#refill.levels.length === 1 ? (need - after) / Math.max(1, this.#amount - after) : 1;
    return startUs + (this.#refill.atUs - startUs) * Math.min(1, share);
  }

  #risenTo(atUs: number): number {
    const fromUs = this.#line.lastUs;
    const fullUs = this.#refill!.atUs;
    return this.#level + ((this.#amount - this.#level) * (atUs - fromUs)) / Math.max(1, fullUs - fromUs);
  }
}
