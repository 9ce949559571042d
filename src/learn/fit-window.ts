import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { common, middle, type Range, widened } from './range.ts';
import type { Reading } from './reading.ts';
import { type Round, roundWindow } from './round-figure.ts';

/** A limiter that counts in windows, and how well its window is known. */
export interface WindowFit {
  readonly spec: AlgorithmSpec;
  readonly fits: 'only' | 'usual' | 'some';
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
  const counter = fitCounter(limit, clusters, buckets.flat(), toleranceUs);
  const fixed = fitFixed(limit, clusters, buckets.flat(), toleranceUs);
  return [log, counter].filter((fit) => fit !== undefined).concat(fixed);
}

function fitLog(limit: number, readings: readonly Reading[], toleranceUs: number): WindowFit | undefined {
  const admitted = readings.filter(({ refused, resetUs }) => !refused && resetUs);
  const windowUs = shared(
    admitted.map(({ resetUs }) => resetUs!),
    toleranceUs,
  );
  const levels = new Set(admitted.map(({ remaining }) => remaining));
  const apartUs = new Set(admitted.map(({ atUs }) => Math.round(atUs / (10 * toleranceUs)))).size;
  if (!windowUs || levels.size < 3 || apartUs < 3 || !isLong(windowUs, admitted, toleranceUs)) return undefined;
  const { value, fits } = roundWindow(windowUs);
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
): WindowFit[] {
  const early = clusters.some((own) =>
    own.some(({ first }, n) => n > 0 && first.atUs < own[n - 1]!.end.low - toleranceUs),
  );
  if (early) return [];
  const longestUs = most(readings.map(({ resetUs }) => resetUs?.low ?? 0));
  const clock = regular(clusters.flat(), toleranceUs);
  const onClock = clock && clock.stepUs.high + toleranceUs >= longestUs && longestUs > clock.gapUs / 2;
  const opened = clusters
    .flatMap((own) => own.slice(1))
    .filter(({ first }) => !first.refused)
    .map(({ first }) => first.resetUs!);
  const own = opened.length < 2 ? undefined : shared(opened, toleranceUs);
  return [
    ...(onClock && isLong(clock.stepUs, readings, toleranceUs)
      ? [fixed(limit, clock.stepUs, 'clock', clock.endUs)]
      : []),
    ...(own && own.high + toleranceUs >= longestUs && isLong(own, readings, toleranceUs)
      ? [fixed(limit, own, 'first-request')]
      : []),
  ];
}

/** Whether a window is longer than what resets are rounded to or put off by; a shorter one would not show in them. */
function isLong(windowUs: Range, readings: readonly Reading[], toleranceUs: number): boolean {
  return (
    windowUs.low > 10 * toleranceUs &&
    windowUs.low > 2 * most(readings.map(({ resetUs }) => (resetUs ? resetUs.high - resetUs.low : 0)))
  );
}

/** Recordings are longer than what a call takes as arguments. */
function most(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), -Infinity);
}

/** What all have in common; where a network has put them off, as much more as it may have been. */
function shared(ranges: readonly Range[], toleranceUs: number): Range | undefined {
  return common(ranges) ?? common(ranges.map((range) => widened(range, toleranceUs)));
}

function fixed(limit: number, stepUs: Range, anchor: 'clock' | 'first-request', endUs?: Range): WindowFit {
  const { value: windowUs, fits } = roundWindow(stepUs);
  const spec = { algorithm: 'fixed-window', amount: limit, windowUs, anchor } as const;
  const offset = endUs && offsetOf(endUs, windowUs);
  if (!offset) return { spec, fits };
  return {
    spec: { ...spec, offsetUs: offset.value },
    fits: fits === 'only' && offset.fits !== 'only' ? 'usual' : fits,
  };
}

/** How far windows are shifted on the clock, as round as the ends allow. */
function offsetOf(endUs: Range, windowUs: number): Round<number> | undefined {
  const behind = middle(endUs) % windowUs;
  const half = (endUs.high - endUs.low) / 2;
  if (behind <= half || windowUs - behind <= half) return undefined;
  return roundWindow({ low: behind - half, high: behind + half });
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
  if (!isLong(clock.stepUs, readings, toleranceUs)) return undefined;
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
  const gapUs = -most(gaps.map((gap) => -gap));
  const slackUs = 2 * toleranceUs + most(ends.map(({ low, high }) => high - low));
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
