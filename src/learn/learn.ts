import type { Unit } from '../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import type { Observation } from '../recorded/observation.ts';
import { type Candidate, findCandidates, GOOD_SHARE } from './candidates.ts';
import { weakest } from './confidence.ts';
import { learnFromCounts } from './learn-counts.ts';
import { learnFigures } from './learn-figures.ts';
import { learnSharing } from './learn-scope.ts';
import type { LearntLimit, LearntLimits } from './learnt.ts';
import { groupByLimit, type Series } from './series.ts';
import { readTraffic, type Traffic } from './traffic.ts';

/**
 * Infers limits from recorded replies, each with its confidence and reason, and lists what could not be learnt. Takes the
 * requests of one recording in any order. If there are several hosts, only the one with the most requests is used.
 */
export function learnLimits(observations: readonly Observation[]): LearntLimits {
  const couldNotLearn: string[] = [];
  const own = selectBusiestHost(observations, couldNotLearn);
  const traffic = readTraffic(own);
  const { series, skipped } = groupByLimit(traffic);
  couldNotLearn.push(...skipped);
  const limits: LearntLimit[] = [];
  for (const limitSeries of series) {
    const name = nameOf(limitSeries.unit, limitSeries.models);
    const candidates = findCandidates(limitSeries);
    const figures = learnFigures(limitSeries, candidates);
    if (!figures) {
      couldNotLearn.push(
        `the window of the limit of ${limitSeries.limit} ${limitSeries.unit}: ${describeMissingWindow(limitSeries)}`,
      );
      continue;
    }
    const sharing = learnSharing(limitSeries, candidates);
    const limit = {
      ...commonFields(limitSeries, candidates),
      name: uniqueName(nameOf(limitSeries.unit, limitSeries.models, figures.spec), limits),
    };
    const { spec, confidence, because } = figures;
    const { scope } = sharing;
    limits.push({
      ...limit,
      spec,
      scope,
      figures: { confidence, because },
      // Sharing is inferred from the figures.
      sharing: {
        confidence: confidence === 'guess' ? weakest('likely', sharing.confidence) : sharing.confidence,
        because: sharing.because,
      },
    });
    couldNotLearn.push(...[...figures.open, ...sharing.open].map((what) => `${limit.name ?? name}: ${what}`));
  }
  if (limits.length === 0 && series.length === 0) learnFromRefusals(traffic, limits, couldNotLearn);
  else reportUnexplained(traffic, series, couldNotLearn);
  return { limits, couldNotLearn, observations: own.length, refusals: traffic.refusals.length };
}

function selectBusiestHost(observations: readonly Observation[], couldNotLearn: string[]): readonly Observation[] {
  const hosts = [...Map.groupBy(observations, ({ host }) => host ?? '')].sort((a, b) => b[1].length - a[1].length);
  const [busiest, ...others] = hosts;
  for (const [host, sent] of others) {
    couldNotLearn.push(
      `the limits of ${host || 'requests without a host'}: only the limits of ${busiest![0]} were learnt, which has more than these ${sent.length} requests`,
    );
  }
  return busiest?.[1] ?? [];
}

function commonFields(
  { unit, models, refusals, readings }: Series,
  candidates: readonly Candidate[],
): Pick<LearntLimit, 'unit' | 'models' | 'pool' | 'chargeRejected' | 'observations'> {
  const pool = refusals.find((refusal) => refusal.pool !== undefined)?.pool;
  const [best] = candidates;
  const rival = candidates.find(({ chargesRefused, share }) => !chargesRefused && share > (best?.share ?? 0) - 0.02);
  return {
    unit,
    ...(models && { models }),
    ...(pool !== undefined && { pool }),
    ...(best?.chargesRefused && best.share >= GOOD_SHARE && !rival && { chargeRejected: 'requests' as const }),
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

function uniqueName(name: string, limits: readonly LearntLimit[]): string {
  const taken = new Set(limits.map((limit) => limit.name));
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} (${number})`)) number++;
  return `${name} (${number})`;
}

function describeMissingWindow({ readings }: Series): string {
  if (readings.length === 0) return 'refusals state no period';
  if (readings.every(({ resetUs }) => !resetUs)) return 'the headers have no reset';
  return `the resets of ${readings.length} replies fit no known limiter, or are too few`;
}

/** No reply states a limit: admitted and refused requests are counted. */
function learnFromRefusals(traffic: Traffic, limits: LearntLimit[], couldNotLearn: string[]): void {
  const { requests } = traffic;
  const refusals = traffic.refusals.filter(({ permanent }) => !permanent);
  if (traffic.refusals.length === 0) {
    couldNotLearn.push('any limit: no reply has limit headers or status 429');
    return;
  }
  const figures = learnFromCounts({ requests, refusals });
  if (typeof figures === 'string') {
    couldNotLearn.push(figures);
    return;
  }
  const { spec, confidence, because } = figures;
  const unit = refusals.find((refusal) => refusal.unit)?.unit ?? 'requests';
  if (unit !== 'requests') {
    couldNotLearn.push(`the limit of ${unit}: refusals do not state its size, and the cost of a request is unknown`);
    return;
  }
  const sharing = { confidence: 'guess', because: 'no evidence; providers usually meter organizations' } as const;
  const name = nameOf(unit, undefined, spec);
  const observations = requests.length;
  limits.push({ name, unit, spec, scope: ['organization'], figures: { confidence, because }, sharing, observations });
  couldNotLearn.push(
    ...[...figures.open, 'whether it counts requests or tokens', 'whether keys or models share it'].map(
      (what) => `${name}: ${what}`,
    ),
  );
}

/** Adds the refusals that no learnt limit explains. */
function reportUnexplained({ refusals }: Traffic, series: readonly Series[], couldNotLearn: string[]): void {
  const billing = refusals.filter(({ permanent }) => permanent === 'billing').length;
  if (billing > 0) couldNotLearn.push(`the budget: ${billing} refusals say that a quota is spent`);
  const known = new Set(
    series.flatMap(({ refusals: named, readings }) => [...named, ...readings].map(({ index }) => index)),
  );
  const rest = refusals.filter(({ index, permanent }) => !known.has(index) && permanent !== 'billing').length;
  if (rest > 0) couldNotLearn.push(`the limits behind ${rest} of ${refusals.length} refusals: they do not name them`);
}
