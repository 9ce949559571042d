import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { formatDuration } from '../../mock-server/duration.ts';
import { type Candidate, GOOD } from './candidates.ts';
import { fillFromWaits } from './fit-bucket.ts';
import { roundRefill } from './round-figure.ts';
import type { Finding } from './learnt.ts';
import type { Series } from './series.ts';

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
  const rival = candidates.find(({ spec: other, share: its }) => other.algorithm !== spec.algorithm && its > share - 0.02);
  const open = [...(best.open ? [best.open] : []), ...(rival ? [`whether it is a ${spec.algorithm} or a ${rival.spec.algorithm}`] : [])];
  const levels = new Set(series.readings.map(({ remaining }) => remaining)).size;
  const what = describe(spec);
  const because = (why: string): string => `${what}: ${why}`;
  const percent = `${Math.floor(share * 100)} %`;
  if (rival || compared < ENOUGH || levels < 3) {
    const few = rival ? 'other limiters would look the same' : `only ${compared + 1} answers show it`;
    return { spec, open, confidence: fits === 'some' ? 'guess' : rival ? 'guess' : 'likely', because: because(few) };
  }
  if (share < GOOD) {
    const why = `the resets suit it, but it foretells ${percent} of ${compared} answers: others may draw on it unseen`;
    return { spec, open, confidence: fits === 'only' ? 'likely' : 'guess', because: because(why) };
  }
  if (fits === 'only' && !best.open) return { spec, open, confidence: 'sure', because: because(`${foretells(series, best)}, and no other round figure does`) };
  const why = `${foretells(series, best)}, but so would figures close to it`;
  return { spec, open, confidence: fits === 'some' && !best.open ? 'guess' : 'likely', because: because(best.open ? foretells(series, best) : why) };
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
  const periodUs = refusals.find((words) => words.periodUs)?.periodUs ?? readings.find((r) => r.statedWindowUs)?.statedWindowUs;
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
  const stated = readings.length > 0 ? 'the headers state' : `${refusals.length} refusals state`;
  const open = ['which algorithm it is, so that a token bucket is assumed'];
  const waits = refusals.some(({ used, waitUs }) => used !== undefined && waitUs);
  const because = `${describe(spec)}: ${stated} the amount and the period${waits ? ', but the waits suit no token bucket' : ''}`;
  return { spec, open, confidence: waits ? 'guess' : 'likely', because };
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
