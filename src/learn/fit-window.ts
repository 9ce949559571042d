import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import type { LimitReading } from './limit-reading.ts';
import { intersect, midpoint, widen } from './range.ts';
import { type Round, roundWindow } from './round-figure.ts';

/** A limiter with windows, and how certain its window is (`Round.fits`). */
export interface WindowFit {
  readonly spec: AlgorithmSpec;
  readonly fits: 'only' | 'usual' | 'some';
}

/** Consecutive replies with the same end of window, and the first of them. */
interface ResetCluster {
  end: Range;
  readonly first: LimitReading;
}

/**
 * Returns the limiters with windows that fit the resets of a limit. `buckets`: the readings of each bucket. A sliding log is
 * empty one window after the last request, so every reset is the window. The end of a fixed window does not move until it is
 * reached. The end that a sliding counter reports is one window later (`limits.md` section 1).
 */
export function fitWindows(
  limit: number,
  buckets: readonly (readonly LimitReading[])[],
  toleranceUs: number,
): WindowFit[] {
  const log = fitLog(limit, buckets.flat(), toleranceUs);
  const clusters = buckets.map((bucket) => clusterResets(bucket, toleranceUs));
  const resetCount = buckets.flat().filter(({ resetUs }) => resetUs).length;
  const windows = clusters.flat();
  // An end that moves with every reply is not a window.
  if (windows.length < 2 || windows.length * 2 > resetCount) return log ? [log] : [];
  const counter = fitCounter(limit, clusters, buckets.flat(), toleranceUs);
  const fixed = fitFixed(limit, clusters, buckets.flat(), toleranceUs);
  return [log, counter].filter((fit) => fit !== undefined).concat(fixed);
}

function fitLog(limit: number, readings: readonly LimitReading[], toleranceUs: number): WindowFit | undefined {
  const admitted = readings.filter(({ refused, resetUs }) => !refused && resetUs);
  const windowUs = intersectWithTolerance(
    admitted.map(({ resetUs }) => resetUs!),
    toleranceUs,
  );
  const levels = new Set(admitted.map(({ remaining }) => remaining));
  const apartUs = new Set(admitted.map(({ atUs }) => Math.round(atUs / (10 * toleranceUs)))).size;
  if (!windowUs || levels.size < 3 || apartUs < 3 || !isLongEnough(windowUs, admitted, toleranceUs)) return undefined;
  const { value, fits } = roundWindow(windowUs);
  return { spec: { algorithm: 'sliding-window-log', amount: limit, windowUs: value }, fits };
}

function clusterResets(readings: readonly LimitReading[], toleranceUs: number): ResetCluster[] {
  const clusters: ResetCluster[] = [];
  for (const reading of readings) {
    if (!reading.resetUs || reading.resetUs.high <= 0) continue;
    const { low, high } = reading.resetUs;
    const end = widen({ low: reading.atUs + low, high: reading.atUs + high }, toleranceUs);
    const last = clusters.at(-1);
    const overlap = last && intersect([last.end, end]);
    if (overlap) last.end = overlap;
    else clusters.push({ end, first: reading });
  }
  return clusters;
}

function fitFixed(
  limit: number,
  clusters: readonly (readonly ResetCluster[])[],
  readings: readonly LimitReading[],
  toleranceUs: number,
): WindowFit[] {
  const early = clusters.some((own) =>
    own.some(({ first }, n) => n > 0 && first.atUs < own[n - 1]!.end.low - toleranceUs),
  );
  if (early) return [];
  const longestUs = largest(readings.map(({ resetUs }) => resetUs?.low ?? 0));
  const clock = findEvenSteps(clusters.flat(), toleranceUs);
  const onClock = clock && clock.stepUs.high + toleranceUs >= longestUs && longestUs > clock.gapUs / 2;
  const opened = clusters
    .flatMap((own) => own.slice(1))
    .filter(({ first }) => !first.refused)
    .map(({ first }) => first.resetUs!);
  const own = opened.length < 2 ? undefined : intersectWithTolerance(opened, toleranceUs);
  return [
    ...(onClock && isLongEnough(clock.stepUs, readings, toleranceUs)
      ? [fixedWindowFit(limit, clock.stepUs, 'clock', clock.endUs)]
      : []),
    ...(own && own.high + toleranceUs >= longestUs && isLongEnough(own, readings, toleranceUs)
      ? [fixedWindowFit(limit, own, 'first-request')]
      : []),
  ];
}

/** Whether a window exceeds the rounding and the tolerance of the resets; a shorter one cannot be detected. */
function isLongEnough(windowUs: Range, readings: readonly LimitReading[], toleranceUs: number): boolean {
  return (
    windowUs.low > 10 * toleranceUs &&
    windowUs.low > 2 * largest(readings.map(({ resetUs }) => (resetUs ? resetUs.high - resetUs.low : 0)))
  );
}

/** Returns the maximum; `Math.max(...values)` fails for lists as long as a recording. */
function largest(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), -Infinity);
}

/** Returns the intersection of the ranges; if it is empty, that of the ranges widened by the tolerance. */
function intersectWithTolerance(ranges: readonly Range[], toleranceUs: number): Range | undefined {
  return intersect(ranges) ?? intersect(ranges.map((range) => widen(range, toleranceUs)));
}

function fixedWindowFit(limit: number, stepUs: Range, anchor: 'clock' | 'first-request', endUs?: Range): WindowFit {
  const { value: windowUs, fits } = roundWindow(stepUs);
  const spec = { algorithm: 'fixed-window', amount: limit, windowUs, anchor } as const;
  const offset = endUs && offsetOf(endUs, windowUs);
  if (!offset) return { spec, fits };
  return {
    spec: { ...spec, offsetUs: offset.value },
    fits: fits === 'only' && offset.fits !== 'only' ? 'usual' : fits,
  };
}

/** Returns how far the windows are shifted on the clock, as a round figure. */
function offsetOf(endUs: Range, windowUs: number): Round<number> | undefined {
  const behind = midpoint(endUs) % windowUs;
  const half = (endUs.high - endUs.low) / 2;
  if (behind <= half || windowUs - behind <= half) return undefined;
  return roundWindow({ low: behind - half, high: behind + half });
}

function fitCounter(
  limit: number,
  clusters: readonly (readonly ResetCluster[])[],
  readings: readonly LimitReading[],
  toleranceUs: number,
): WindowFit | undefined {
  const clock = findEvenSteps(clusters.flat(), toleranceUs);
  const admitted = readings.filter(({ refused, resetUs }) => !refused && resetUs);
  const inSecond = ({ resetUs }: LimitReading): boolean =>
    resetUs!.high > clock!.stepUs.low - toleranceUs && resetUs!.low <= 2 * clock!.stepUs.high + toleranceUs;
  if (!clock || clusters.flat().length < 3 || admitted.length < 5 || !admitted.every(inSecond)) return undefined;
  if (!isLongEnough(clock.stepUs, readings, toleranceUs)) return undefined;
  const { value: windowUs, fits } = roundWindow(clock.stepUs);
  return { spec: { algorithm: 'sliding-window-counter', amount: limit, windowUs }, fits };
}

/** Ends of windows at equal distances. */
interface EvenSteps {
  readonly stepUs: Range;
  readonly gapUs: number;
  readonly endUs: Range;
}

function findEvenSteps(clusters: readonly ResetCluster[], toleranceUs: number): EvenSteps | undefined {
  const ends: Range[] = [];
  for (const { end } of [...clusters].sort((a, b) => midpoint(a.end) - midpoint(b.end))) {
    const overlap = ends.length > 0 && intersect([ends.at(-1)!, end]);
    if (overlap) ends[ends.length - 1] = overlap;
    else ends.push(end);
  }
  const gaps = ends.slice(1).map((end, n) => midpoint(end) - midpoint(ends[n]!));
  if (gaps.length === 0) return undefined;
  const gapUs = -largest(gaps.map((gap) => -gap));
  const slackUs = 2 * toleranceUs + largest(ends.map(({ low, high }) => high - low));
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
