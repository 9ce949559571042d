import { limitAmount, sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import type { TokenBucketSpec } from '../../mock-server/limiter/token-bucket.ts';
import { type Candidate, GOOD_SHARE } from './candidates.ts';
import { fillTimeFromWaits } from './fit-bucket.ts';
import type { Finding } from './learnt.ts';
import type { LimitReading } from './limit-reading.ts';
import { roundRefill } from './round-figure.ts';
import type { Series } from './series.ts';
import { byBucket } from './traffic.ts';

/** With fewer replies no finding is sure. */
const MIN_ANSWERS = 10;

export interface Figures extends Finding {
  readonly spec: AlgorithmSpec;
  /** Open questions about the figures. */
  readonly open: readonly string[];
}

/** Infers size, rate and algorithm of a limit from its best candidate, else from its refusals; undefined if neither has them. */
export function learnFigures(series: Series, candidates: readonly Candidate[]): Figures | undefined {
  const [best] = candidates;
  if (best && (best.share > 0.5 || best.fits !== 'some')) return fromCandidate(series, best, candidates);
  return fromRefusals(series);
}

function fromCandidate(series: Series, best: Candidate, candidates: readonly Candidate[]): Figures {
  const { spec, fits, share, compared } = best;
  const rival = findRival(best, candidates);
  const levels = new Set(series.readings.map(({ remaining }) => remaining)).size;
  const figures = (confidence: Finding['confidence'], why: string): Figures => ({
    spec,
    confidence,
    because: `${describe(spec)}: ${why}`,
    open: rival ? [rivalQuestion(spec, rival)] : [],
  });
  if (rival)
    return figures(
      sameFigures(spec, rival) && fits !== 'some' ? 'likely' : 'guess',
      'another limiter would give the same replies',
    );
  if (compared < MIN_ANSWERS)
    return figures(fits === 'some' ? 'guess' : 'likely', `only ${compared + 1} replies show it`);
  if (levels < 3)
    return figures(fits === 'some' ? 'guess' : 'likely', 'it fits the resets, but the remaining count hardly changes');
  if (share < GOOD_SHARE) {
    const why = `it fits the resets, but predicts only ${Math.floor(share * 100)} % of ${compared} replies: clients that were not recorded may share it`;
    return figures(fits === 'only' ? 'likely' : 'guess', why);
  }
  if (spec.algorithm === 'fixed-window' && spec.anchor === 'clock' && !wasEmptied(series.readings)) {
    return figures(
      fits === 'some' ? 'guess' : 'likely',
      `${describePrediction(series, best)}, but it was never emptied, so smaller refills may look the same`,
    );
  }
  if (spec.algorithm === 'token-bucket' && !refillsContinuously(spec, series.readings)) {
    return figures(
      fits === 'some' ? 'guess' : 'likely',
      `${describePrediction(series, best)}, but it was never full, so units may be added one by one at fixed times`,
    );
  }
  if (fits === 'only') return figures('sure', `${describePrediction(series, best)}, and no other round figure does`);
  return figures(
    fits === 'usual' ? 'likely' : 'guess',
    `${describePrediction(series, best)}, but so do figures close to it`,
  );
}

/** Whether an empty bucket has a reading after its reset: a limiter with larger, rarer refills would not be full then. */
function wasEmptied(readings: readonly LimitReading[]): boolean {
  return byBucket(readings, ['key', 'model']).some((own) =>
    own.some(({ remaining, atUs, resetUs }) => remaining === 0 && resetUs && own.at(-1)!.atUs > atUs + resetUs.high),
  );
}

/** Units added at least this often look continuous. */
const CONTINUOUS_UNIT_US = 20_000;

/** A reset with this resolution or better shows when units are added. */
const MAX_FINE_RESET_US = 2_000;

/** Whether the first request to a full bucket postponed its reset by a whole unit; refills at fixed times postpone it by less. */
function refillsContinuously({ capacity, refill }: TokenBucketSpec, readings: readonly LimitReading[]): boolean {
  const unitUs = refill.periodUs / refill.amount;
  const fromFull = ({ refused, remaining, resetUs }: LimitReading): boolean =>
    !refused && remaining === capacity - 1 && resetUs !== undefined && isNear(resetUs, unitUs);
  return unitUs < CONTINUOUS_UNIT_US || readings.some(fromFull);
}

function isNear({ low, high }: Range, us: number): boolean {
  return high - low <= MAX_FINE_RESET_US && low <= us + MAX_FINE_RESET_US && high >= us - MAX_FINE_RESET_US;
}

/** Returns a limiter of another kind that predicts as much. */
function findRival({ spec, share }: Candidate, candidates: readonly Candidate[]): AlgorithmSpec | undefined {
  return candidates.find((other) => limiterKind(other.spec) !== limiterKind(spec) && other.share > share - 0.02)?.spec;
}

function limiterKind(spec: AlgorithmSpec): string {
  return spec.algorithm === 'fixed-window' ? `${spec.algorithm}, anchor ${spec.anchor}` : spec.algorithm;
}

function rivalQuestion(spec: AlgorithmSpec, rival: AlgorithmSpec): string {
  return `whether it is a ${limiterKind(spec)} or a ${limiterKind(rival)}`;
}

function sameFigures(spec: AlgorithmSpec, rival: AlgorithmSpec): boolean {
  return 'windowUs' in spec && 'windowUs' in rival && spec.windowUs === rival.windowUs;
}

function describePrediction({ unit }: Series, { compared, share, spec }: Candidate): string {
  if (unit !== 'requests' && spec.algorithm === 'token-bucket') {
    return `it fits the remaining count and the reset in all of ${compared} replies`;
  }
  const what = unit === 'requests' ? 'the remaining count and the reset' : 'the reset';
  return `it predicts ${what} in ${share === 1 ? 'all' : `${Math.floor(share * 100)} %`} of ${compared} replies`;
}

/** The limit that its refusals state, with the rate that their waits imply. */
function fromRefusals({ limit, unit, refusals, readings }: Series): Figures | undefined {
  const periodUs =
    refusals.find((refusal) => refusal.periodUs)?.periodUs ?? readings.find((r) => r.statedWindowUs)?.statedWindowUs;
  if (unit === 'concurrent') {
    const because = `${refusals.length} refusals state it`;
    return { spec: { algorithm: 'concurrency', amount: limit }, open: [], confidence: 'likely', because };
  }
  const fill = fillTimeFromWaits(limit, refusals);
  const round = fill && fill.low > 0 && fill.high < Infinity ? roundRefill(limit, fill) : undefined;
  const bucket = (amount: number, us: number): AlgorithmSpec => ({
    algorithm: 'token-bucket',
    capacity: limit,
    refill: { amount, periodUs: us },
  });
  if (round) {
    const spec = bucket(round.value.amount, round.value.periodUs);
    const agree = periodUs !== undefined && fill!.low <= periodUs && fill!.high >= periodUs;
    const certain = agree && round.fits === 'only' && refusals.length >= MIN_ANSWERS;
    const because = `${describe(spec)}: the waits of ${refusals.length} refusals ${agree ? 'agree with the stated period' : 'imply this rate'}`;
    return { spec, open: [], confidence: certain ? 'sure' : round.fits === 'some' ? 'guess' : 'likely', because };
  }
  if (periodUs === undefined) return undefined;
  const spec = bucket(limit, periodUs);
  const stated = refusals.length === 0 ? 'the headers state' : `${refusals.length} refusals state`;
  const hasOtherResets = readings.some(({ resetUs, statedWindowUs }) => resetUs && !statedWindowUs);
  const open = ['which algorithm it is: a token bucket is assumed'];
  const waits = refusals.some(({ used, waitUs }) => used !== undefined && waitUs);
  const because = `${describe(spec)}: ${stated} the amount and the period${waits || hasOtherResets ? ', but resets and waits fit no known limiter' : ''}`;
  return { spec, open, confidence: waits || hasOtherResets ? 'guess' : 'likely', because };
}

/** Formats a limiter: `10 per 1m, burst 20, token-bucket`. */
export function describe(spec: AlgorithmSpec): string {
  const rate = sustainedRate(spec);
  if (!rate) return spec.algorithm;
  const burst = limitAmount(spec) === rate.amount ? '' : `, burst ${limitAmount(spec)}`;
  return `${rate.amount} per ${formatDuration(rate.periodUs)}${burst}, ${spec.algorithm}`;
}
