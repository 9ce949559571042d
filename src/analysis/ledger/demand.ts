import type { Limit } from '../../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { planOf } from '../../load/executors.ts';
import { round } from '../format.ts';
import { isAdmitted } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import { type Capacity, findCapacities } from './capacities.ts';
import { createSettler } from './charges.ts';
import { findNeeds } from './needs.ts';

/** What the calls of a run wanted of the limit that they wanted most of, against what it admits in the long run. */
export interface Demand {
  readonly limit: string;
  /** Demand over the sustained rate: above 1, a backlog must grow whatever the client does. */
  readonly ratio: number;
  /** Calls by which the backlog grows each minute; 0 up to a ratio of 1. */
  readonly backlogPerMinute: number;
}

/** A load shorter than this is a batch: it has no rate. */
const MIN_SPAN_US = 10_000_000;

/**
 * Measures the demand of a run: the cost of its calls, dropped ones included, over the time in which they were due. Undefined
 * without a limit that has a sustained rate, for a batch of calls that were all due within 10 s, and for a closed load, whose calls
 * follow their answers.
 */
export const measureDemand = memoizeByRun((run): { readonly demand: Demand | undefined } => ({
  demand: findDemand(run),
}));

function findDemand(run: Run): Demand | undefined {
  const { load } = run.header.scenario;
  if (load.length > 0 && load.every((executor) => planOf(executor).kind === 'closed')) return undefined;
  const times = [...run.calls, ...run.dropped].map(({ scheduledUs }) => scheduledUs);
  const firstUs = times.reduce((least, us) => Math.min(least, us), Infinity);
  const lastUs = times.reduce((most, us) => Math.max(most, us), 0);
  const n = times.length;
  if (n < 2 || lastUs - firstUs < MIN_SPAN_US) return undefined;
  // The last call stands for as much time as each of the others.
  const seconds = ((lastUs - firstUs) * (n / (n - 1))) / 1e6;
  const capacities = findCapacities(run);
  if (capacities.length > 0) return demandOfAll(n / seconds, capacities);
  const wanted = sumByLimit(run);
  let most: Demand | undefined;
  for (const { limit, units, buckets } of wanted) {
    const rate = sustainedRate(limit.spec);
    if (!rate || algorithmOf(limit.spec).restricts !== 'rate') continue;
    const perCall = units / run.calls.length;
    const admitted = (buckets * rate.amount * 1e6) / rate.periodUs;
    const ratio = (perCall * n) / seconds / admitted;
    if (most && most.ratio >= ratio) continue;
    const excess = Math.max(0, (perCall * n) / seconds - admitted);
    most = { limit: limit.name, ratio, backlogPerMinute: (60 * excess) / perCall };
  }
  return most;
}

/** With several providers, calls have the room of all of them. */
function demandOfAll(callsPerSecond: number, capacities: readonly Capacity[]): Demand | undefined {
  const perSecond = capacities.reduce((sum, capacity) => sum + capacity.perSecond, 0);
  if (perSecond === Infinity || perSecond === 0) return undefined;
  const limit = capacities.map((capacity) => capacity.limit).join(' + ');
  const ratio = callsPerSecond / perSecond;
  return { limit, ratio, backlogPerMinute: 60 * Math.max(0, callsPerSecond - perSecond) };
}

interface LimitDemand {
  readonly limit: Limit;
  units: number;
  readonly seen: Set<string>;
}

/** What the calls took from each limit, settled where that is known, and the buckets that they took it from. */
function sumByLimit(run: Run): { limit: Limit; units: number; buckets: number }[] {
  const needsOf = findNeeds(run);
  const settled = createSettler(run);
  const byLimit = new Map<string, LimitDemand>();
  for (const call of run.calls) {
    const served = call.attempts.find(isAdmitted);
    for (const { limit, bucket, cost } of needsOf(call).needs) {
      const sum = byLimit.get(limit.name) ?? { limit, units: 0, seen: new Set<string>() };
      sum.units += (served && settled(limit, served, cost)) ?? cost;
      sum.seen.add(bucket);
      byLimit.set(limit.name, sum);
    }
  }
  return [...byLimit.values()].map(({ limit, units, seen }) => ({ limit, units, buckets: seen.size }));
}

/** Random arrivals at the rate of the quota are now and then a little above it. */
const ABOVE = 1.05;

/** A load above the quota, and the sentence on it: it blames no client. */
export interface Overload extends Demand {
  readonly text: string;
}

/** Returns the demand of a run if it is above the quota; null up to it, and where there is no demand to measure. */
export function findOverload(run: Run): Overload | null {
  const { demand } = measureDemand(run);
  if (!demand || demand.ratio < ABOVE || demand.backlogPerMinute < 1) return null;
  const { limit, ratio, backlogPerMinute } = demand;
  const growth = Math.round(backlogPerMinute);
  const text =
    `The load is ${round(ratio)} × the quota of limit ${limit}: ` +
    `a queue grows by ${growth} ${growth === 1 ? 'call' : 'calls'} a minute, whatever the client does.`;
  return { ...demand, text };
}

/** The sentence on a load above the quota, to follow another one; empty up to the quota. */
export function describeOverload(run: Run): string {
  const overload = findOverload(run);
  return overload ? ` ${overload.text}` : '';
}
