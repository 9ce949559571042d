import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { common, middle, type Range, widened } from './range.ts';
import type { Reading } from './reading.ts';
import { roundWindow } from './round-figure.ts';

/** A limiter that counts in windows, and how well its window is known. */
export interface WindowFit {
  readonly spec: AlgorithmSpec;
  readonly fits: 'only' | 'usual' | 'some';
  /** What the answers cannot tell, in words. */
  readonly open?: string;
}

/** Answers that tell the same end, and the first of them. */
interface Cluster {
  end: Range;
  readonly first: Reading;
}

/**
 * The limiters with windows that suit the resets of a limit, its readings given by bucket. A sliding log is empty one window
 * after the last request, so all resets are the window; the end of a fixed window stands still until it is there, and the
 * end that two counters tell lies one window further (`limits.md` section 1).
 */
export function fitWindows(limit: number, buckets: readonly (readonly Reading[])[], toleranceUs: number): WindowFit[] {
  const log = fitLog(limit, buckets.flat(), toleranceUs);
  const clusters = buckets.map((bucket) => clustersOf(bucket, toleranceUs));
  const told = buckets.flat().filter(({ resetUs }) => resetUs).length;
  const windows = clusters.flat();
  // Ends that move with every answer are no windows.
  if (windows.length < 2 || windows.length * 2 > told) return log ? [log] : [];
  const fits = [log, fitFixed(limit, clusters, buckets.flat(), toleranceUs), fitCounter(limit, clusters, buckets.flat(), toleranceUs)];
  return fits.filter((fit) => fit !== undefined);
}

function fitLog(limit: number, readings: readonly Reading[], toleranceUs: number): WindowFit | undefined {
  const admitted = readings.filter(({ refused, resetUs }) => !refused && resetUs);
  const windowUs = common(admitted.map(({ resetUs }) => widened(resetUs!, toleranceUs)));
  const levels = new Set(admitted.map(({ remaining }) => remaining));
  const apartUs = new Set(admitted.map(({ atUs }) => Math.round(atUs / (10 * toleranceUs)))).size;
  if (!windowUs || levels.size < 3 || apartUs < 3) return undefined;
  const { value, fits } = roundWindow(common(admitted.map(({ resetUs }) => resetUs!)) ?? windowUs);
  return { spec: { algorithm: 'sliding-window-log', amount: limit, windowUs: value }, fits };
}

function clustersOf(readings: readonly Reading[], toleranceUs: number): Cluster[] {
  const clusters: Cluster[] = [];
  for (const reading of readings) {
    if (!reading.resetUs || reading.resetUs.high <= 0) continue;
    const { low, high } = reading.resetUs;
    const end = widened({ low: reading.atUs + low, high: reading.atUs + high }, toleranceUs);
    const last = clusters.at(-1);
    const both = last && common([last.end, end]);
    if (both) last.end = both;
    else clusters.push({ end, first: reading });
  }
  return clusters;
}

function fitFixed(
  limit: number,
  clusters: readonly (readonly Cluster[])[],
  readings: readonly Reading[],
  toleranceUs: number,
): WindowFit | undefined {
  const early = clusters.some((own) => own.some(({ first }, n) => n > 0 && first.atUs < own[n - 1]!.end.low - toleranceUs));
  if (early) return undefined;
  const opened = clusters.flatMap((own) => own.slice(1)).filter(({ first }) => !first.refused);
  const own = opened.length < 2 ? undefined : common(opened.map(({ first }) => widened(first.resetUs!, toleranceUs)));
  const clock = regular(clusters.flat(), toleranceUs);
  const longestUs = Math.max(...readings.map(({ resetUs }) => resetUs?.low ?? 0));
  const onClock = clock && clock.stepUs.high + toleranceUs >= longestUs && longestUs > clock.gapUs / 2;
  if (own && onClock && common([own, widened(clock.stepUs, toleranceUs)])) {
    return fixed(limit, clock.stepUs, anchorOf(clock), 'whether windows lie on the clock or open with the first request');
  }
  if (onClock) return fixed(limit, clock.stepUs, anchorOf(clock));
  return own && own.high >= longestUs ? fixed(limit, own, { anchor: 'first-request' }) : undefined;
}

type Anchor = { anchor: 'clock' | 'first-request'; endUs?: Range };

function anchorOf({ endUs }: Regular): Anchor {
  return { anchor: 'clock', endUs };
}

function fixed(limit: number, stepUs: Range, { anchor, endUs }: Anchor, open?: string): WindowFit {
  const { value: windowUs, fits } = roundWindow(stepUs);
  const spec = { algorithm: 'fixed-window', amount: limit, windowUs, anchor } as const;
  const offsetUs = endUs === undefined ? 0 : offsetOf(endUs, windowUs);
  return { spec: offsetUs === 0 ? spec : { ...spec, offsetUs }, fits, ...(open && { open }) };
}

/** How far windows are shifted on the clock, as round as the ends allow. */
function offsetOf(endUs: Range, windowUs: number): number {
  const behind = ((middle(endUs) % windowUs) + windowUs) % windowUs;
  const half = (endUs.high - endUs.low) / 2;
  if (behind <= half || windowUs - behind <= half) return 0;
  return roundWindow({ low: behind - half, high: behind + half }).value % windowUs;
}

function fitCounter(
  limit: number,
  clusters: readonly (readonly Cluster[])[],
  readings: readonly Reading[],
  toleranceUs: number,
): WindowFit | undefined {
  const clock = regular(clusters.flat(), toleranceUs);
  const admitted = readings.filter(({ refused, resetUs }) => !refused && resetUs);
  const inSecond = ({ resetUs }: Reading): boolean =>
    resetUs!.high > clock!.stepUs.low - toleranceUs && resetUs!.low <= 2 * clock!.stepUs.high + toleranceUs;
  if (!clock || clusters.flat().length < 3 || admitted.length < 5 || !admitted.every(inSecond)) return undefined;
  const { value: windowUs, fits } = roundWindow(clock.stepUs);
  return { spec: { algorithm: 'sliding-window-counter', amount: limit, windowUs }, fits };
}

/** Ends that lie in even steps. */
interface Regular {
  readonly stepUs: Range;
  readonly gapUs: number;
  readonly endUs: Range;
}

function regular(clusters: readonly Cluster[], toleranceUs: number): Regular | undefined {
  const ends: Range[] = [];
  for (const { end } of [...clusters].sort((a, b) => middle(a.end) - middle(b.end))) {
    const both = ends.length > 0 && common([ends.at(-1)!, end]);
    if (both) ends[ends.length - 1] = both;
    else ends.push(end);
  }
  const gaps = ends.slice(1).map((end, n) => middle(end) - middle(ends[n]!));
  if (gaps.length === 0) return undefined;
  const gapUs = Math.min(...gaps);
  const slackUs = 2 * toleranceUs + Math.max(...ends.map(({ low, high }) => high - low));
  let steps = 0;
  for (const gap of gaps) {
    const times = Math.round(gap / gapUs);
    if (Math.abs(gap - times * gapUs) > slackUs * Math.max(1, times / 2)) return undefined;
    steps += times;
  }
  const [first, last] = [ends[0]!, ends.at(-1)!];
  const stepUs = { low: (last.low - first.high) / steps, high: (last.high - first.low) / steps };
  return { stepUs, gapUs, endUs: last };
}
