import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec, TokenBucketSpec } from '../../mock-server/limiter/algorithm.ts';
import { type Candidate, GOOD } from './candidates.ts';
import { fillFromWaits } from './fit-bucket.ts';
import type { Finding } from './learnt.ts';
import type { Range } from './range.ts';
import type { Reading } from './reading.ts';
import { roundRefill } from './round-figure.ts';
import type { Series } from './series.ts';
import { byBucket } from './traffic.ts';

/** Fewer answers than these make nothing sure. */
const ENOUGH = 10;

export interface Figures extends Finding {
  readonly spec: AlgorithmSpec;
  /** What remains open about them. */
  readonly open: readonly string[];
}

/** Size, rate and algorithm of a limit: by its best candidate, else by what refusals say in words; undefined if neither. */
export function learnFigures(series: Series, candidates: readonly Candidate[]): Figures | undefined {
  const [best] = candidates;
  if (best && (best.share > 0.5 || best.fits !== 'some')) return fromCandidate(series, best, candidates);
  return fromWords(series);
}

function fromCandidate(series: Series, best: Candidate, candidates: readonly Candidate[]): Figures {
  const { spec, fits, share, compared } = best;
  const rival = rivalOf(best, candidates);
  const levels = new Set(series.readings.map(({ remaining }) => remaining)).size;
  const figures = (confidence: Finding['confidence'], why: string): Figures => ({
    spec,
    confidence,
    because: `${describe(spec)}: ${why}`,
    open: rival ? [rivalry(spec, rival)] : [],
  });
  if (rival)
    return figures(
      sameFigures(spec, rival) && fits !== 'some' ? 'likely' : 'guess',
      'another limiter would look the same',
    );
  if (compared < ENOUGH) return figures(fits === 'some' ? 'guess' : 'likely', `only ${compared + 1} answers show it`);
  if (levels < 3)
    return figures(fits === 'some' ? 'guess' : 'likely', 'it suits the resets, but what is left hardly ever differs');
  if (share < GOOD) {
    const why = `the resets suit it, but it foretells ${Math.floor(share * 100)} % of ${compared} answers: others may draw on it unseen`;
    return figures(fits === 'only' ? 'likely' : 'guess', why);
  }
  if (spec.algorithm === 'fixed-window' && spec.anchor === 'clock' && !wasDrained(series.readings)) {
    return figures(
      fits === 'some' ? 'guess' : 'likely',
      `${foretells(series, best)}, but none was drained, so a smaller lump may have filled it`,
    );
  }
  if (spec.algorithm === 'token-bucket' && !flows(spec, series.readings)) {
    return figures(
      fits === 'some' ? 'guess' : 'likely',
      `${foretells(series, best)}, but it was never seen full, so units may come one by one at fixed moments`,
    );
  }
  if (fits === 'only') return figures('sure', `${foretells(series, best)}, and no other round figure does`);
  return figures(fits === 'usual' ? 'likely' : 'guess', `${foretells(series, best)}, but so would figures close to it`);
}

/** Whether a bucket was empty and seen again after its reset: a limiter that refills in lumps would not be full then. */
function wasDrained(readings: readonly Reading[]): boolean {
  return byBucket(readings, ['key', 'model']).some((own) =>
    own.some(({ remaining, atUs, resetUs }) => remaining === 0 && resetUs && own.at(-1)!.atUs > atUs + resetUs.high),
  );
}

/** Units that come faster than this come as good as continuously. */
const AS_GOOD_US = 20_000;

/** A reset that is printed no more coarsely than to this shows when units come. */
const FINE_US = 2_000;

/** Whether the first request that a full bucket met put its reset off by a whole unit: at fixed moments it would be less. */
function flows({ capacity, refill }: TokenBucketSpec, readings: readonly Reading[]): boolean {
  const unitUs = refill.periodUs / refill.amount;
  const fromFull = ({ refused, remaining, resetUs }: Reading): boolean =>
    !refused && remaining === capacity - 1 && resetUs !== undefined && isNear(resetUs, unitUs);
  return unitUs < AS_GOOD_US || readings.some(fromFull);
}

function isNear({ low, high }: Range, us: number): boolean {
  return high - low <= FINE_US && low <= us + FINE_US && high >= us - FINE_US;
}

/** Another kind of limiter that foretells as much. */
function rivalOf({ spec, share }: Candidate, candidates: readonly Candidate[]): AlgorithmSpec | undefined {
  return candidates.find((other) => kindOf(other.spec) !== kindOf(spec) && other.share > share - 0.02)?.spec;
}

function kindOf(spec: AlgorithmSpec): string {
  return spec.algorithm === 'fixed-window' ? `${spec.algorithm}, anchor ${spec.anchor}` : spec.algorithm;
}

function rivalry(spec: AlgorithmSpec, rival: AlgorithmSpec): string {
  return `whether it is a ${kindOf(spec)} or a ${kindOf(rival)}`;
}

function sameFigures(spec: AlgorithmSpec, rival: AlgorithmSpec): boolean {
  return 'windowUs' in spec && 'windowUs' in rival && spec.windowUs === rival.windowUs;
}

function foretells({ unit }: Series, { compared, share, spec }: Candidate): string {
  if (unit !== 'requests' && spec.algorithm === 'token-bucket') {
    return `it suits what is left and the reset in all of ${compared} answers`;
  }
  const what = unit === 'requests' ? 'what is left and the reset' : 'the reset';
  return `it foretells ${what} in ${share === 1 ? 'all' : `${Math.floor(share * 100)} %`} of ${compared} answers`;
}

/** A limit as its refusals word it, with the rate that their waits imply. */
function fromWords({ limit, unit, refusals, readings }: Series): Figures | undefined {
  const periodUs =
    refusals.find((words) => words.periodUs)?.periodUs ?? readings.find((r) => r.statedWindowUs)?.statedWindowUs;
  if (unit === 'concurrent') {
    const because = `${refusals.length} refusals name it`;
    return { spec: { algorithm: 'concurrency', amount: limit }, open: [], confidence: 'likely', because };
  }
  const fill = fillFromWaits(limit, refusals);
  const told = fill && fill.low > 0 && fill.high < Infinity ? roundRefill(limit, fill) : undefined;
  const bucket = (amount: number, us: number): AlgorithmSpec => ({
    algorithm: 'token-bucket',
    capacity: limit,
    refill: { amount, periodUs: us },
  });
  if (told) {
    const spec = bucket(told.value.amount, told.value.periodUs);
    const agree = periodUs !== undefined && fill!.low <= periodUs && fill!.high >= periodUs;
    const certain = agree && told.fits === 'only' && refusals.length >= ENOUGH;
    const because = `${describe(spec)}: the waits of ${refusals.length} refusals ${agree ? 'agree with the period that they name' : 'imply this rate'}`;
    return { spec, open: [], confidence: certain ? 'sure' : told.fits === 'some' ? 'guess' : 'likely', because };
  }
  if (periodUs === undefined) return undefined;
  const spec = bucket(limit, periodUs);
  const stated = refusals.length === 0 ? 'the headers state' : `${refusals.length} refusals state`;
  const odd = readings.some(({ resetUs, statedWindowUs }) => resetUs && !statedWindowUs);
  const open = ['which algorithm it is, so that a token bucket is assumed'];
  const waits = refusals.some(({ used, waitUs }) => used !== undefined && waitUs);
  const because = `${describe(spec)}: ${stated} the amount and the period${waits || odd ? ', but resets and waits suit no limiter that is known here' : ''}`;
  return { spec, open, confidence: waits || odd ? 'guess' : 'likely', because };
}

/** `10 per 1m, burst 20`. */
export function describe(spec: AlgorithmSpec): string {
  if (spec.algorithm === 'token-bucket') {
    const { capacity, refill } = spec;
    const burst = capacity === refill.amount ? '' : `, burst ${capacity}`;
    return `${refill.amount} per ${formatDuration(refill.periodUs)}${burst}, ${spec.algorithm}`;
  }
  if ('windowUs' in spec) return `${spec.amount} per ${formatDuration(spec.windowUs)}, ${spec.algorithm}`;
  return spec.algorithm;
}
