import type { Unit } from '../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../mock-server/admission/period.ts';
import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import type { Observation } from '../recorded/observation.ts';
import { type Candidate, candidatesOf, GOOD } from './candidates.ts';
import { weakest } from './confidence.ts';
import { learnFromCounts } from './learn-counts.ts';
import { learnFigures } from './learn-figures.ts';
import { learnSharing } from './learn-scope.ts';
import type { LearntLimit, LearntLimits } from './learnt.ts';
import { type Series, seriesOf } from './series.ts';
import { readTraffic, type Traffic } from './traffic.ts';

/**
 * The limits that recorded answers imply, each with how far it can be relied on and why, and what they cannot tell. Takes
 * the requests of one recording in any order; of several hosts, the one that was asked most is learnt.
 */
export function learnLimits(observations: readonly Observation[]): LearntLimits {
  const couldNotLearn: string[] = [];
  const own = ofOneHost(observations, couldNotLearn);
  const traffic = readTraffic(own);
  const { series, left } = seriesOf(traffic);
  couldNotLearn.push(...left);
  const limits: LearntLimit[] = [];
  for (const one of series) {
    const name = nameOf(one.unit, one.models);
    const candidates = candidatesOf(one);
    const figures = learnFigures(one, candidates);
    if (!figures) {
      couldNotLearn.push(`the window of the limit of ${one.limit} ${one.unit}: ${whyNoWindow(one)}`);
      continue;
    }
    const sharing = learnSharing(one, candidates);
    const limit = { ...assemble(one, candidates), name: unique(nameOf(one.unit, one.models, figures.spec), limits) };
    const { spec, confidence, because } = figures;
    const { scope } = sharing;
    limits.push({
      ...limit,
      spec,
      scope,
      figures: { confidence, because },
      // Who shares a limit is found by its figures.
      sharing: {
        confidence: confidence === 'guess' ? weakest('likely', sharing.confidence) : sharing.confidence,
        because: sharing.because,
      },
    });
    couldNotLearn.push(...[...figures.open, ...sharing.open].map((what) => `${limit.name ?? name}: ${what}`));
  }
  if (limits.length === 0 && series.length === 0) learnFromRefusals(traffic, limits, couldNotLearn);
  else unexplained(traffic, series, couldNotLearn);
  return { limits, couldNotLearn, observations: own.length, refusals: traffic.refusals.length };
}

function ofOneHost(observations: readonly Observation[], couldNotLearn: string[]): readonly Observation[] {
  const hosts = [...Map.groupBy(observations, ({ host }) => host ?? '')].sort((a, b) => b[1].length - a[1].length);
  const [most, ...others] = hosts;
  for (const [host, asked] of others) {
    couldNotLearn.push(
      `the limits of ${host || 'requests without a host'}: ${asked.length} requests went there, more to ${most![0]}`,
    );
  }
  return most?.[1] ?? [];
}

function assemble(
  { unit, models, refusals, readings }: Series,
  candidates: readonly Candidate[],
): Pick<LearntLimit, 'unit' | 'models' | 'pool' | 'chargeRejected' | 'observations'> {
  const pool = refusals.find((words) => words.pool !== undefined)?.pool;
  const [best] = candidates;
  const rival = candidates.find(({ chargesRefused, share }) => !chargesRefused && share > (best?.share ?? 0) - 0.02);
  return {
    unit,
    ...(models && { models }),
    ...(pool !== undefined && { pool }),
    ...(best?.chargesRefused && best.share >= GOOD && !rival && { chargeRejected: 'requests' as const }),
    observations: new Set([...readings, ...refusals].map(({ index }) => index)).size,
  };
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1e6, 'second'],
  [60e6, 'minute'],
  [3600e6, 'hour'],
  [86_400e6, 'day'],
]);

function nameOf(unit: Unit, models: readonly string[] | undefined, spec?: AlgorithmSpec): string {
  const rate = spec && sustainedRate(spec);
  const per = rate ? ` per ${PERIODS.get(rate.periodUs) ?? formatDuration(rate.periodUs)}` : '';
  return `${models ? `${models[0]} ` : ''}${unit}${per}`;
}

function unique(name: string, limits: readonly LearntLimit[]): string {
  const taken = new Set(limits.map((limit) => limit.name));
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} (${number})`)) number++;
  return `${name} (${number})`;
}

function whyNoWindow({ readings }: Series): string {
  if (readings.length === 0) return 'refusals name it without a period';
  if (readings.every(({ resetUs }) => !resetUs)) return 'the headers tell no reset';
  return `the resets of ${readings.length} answers suit no limiter that is known here, or are too few`;
}

/** Nothing names a limit: what passed and what was refused is counted. */
function learnFromRefusals(traffic: Traffic, limits: LearntLimit[], couldNotLearn: string[]): void {
  const { draws } = traffic;
  const refusals = traffic.refusals.filter(({ hopeless }) => !hopeless);
  if (traffic.refusals.length === 0) {
    couldNotLearn.push('any limit: no answer carries limit headers, and none was a 429');
    return;
  }
  const figures = learnFromCounts({ draws, refusals });
  if (typeof figures === 'string') {
    couldNotLearn.push(figures);
    return;
  }
  const { spec, confidence, because } = figures;
  const unit = refusals.find((words) => words.unit)?.unit ?? 'requests';
  if (unit !== 'requests') {
    couldNotLearn.push(
      `the limit of ${unit}: refusals name it without its size, and what a request costs is not known`,
    );
    return;
  }
  const sharing = { confidence: 'guess', because: 'nothing tells; providers meter organizations' } as const;
  const name = nameOf(unit, undefined, spec);
  const observations = draws.length;
  limits.push({ name, unit, spec, scope: ['organization'], figures: { confidence, because }, sharing, observations });
  couldNotLearn.push(
    ...[...figures.open, 'whether it counts requests or tokens', 'whether keys or models share it'].map(
      (what) => `${name}: ${what}`,
    ),
  );
}

/** Refusals that no learnt limit accounts for. */
function unexplained({ refusals }: Traffic, series: readonly Series[], couldNotLearn: string[]): void {
  const billing = refusals.filter(({ hopeless }) => hopeless === 'billing').length;
  if (billing > 0) couldNotLearn.push(`how much money there is: ${billing} refusals say that a quota is spent`);
  const known = new Set(series.flatMap((one) => [...one.refusals, ...one.readings].map(({ index }) => index)));
  const rest = refusals.filter(({ index, hopeless }) => !known.has(index) && hopeless !== 'billing').length;
  if (rest > 0)
    couldNotLearn.push(`which limit ${rest} of ${refusals.length} refusals were about: nothing in them tells`);
}
