import { analyse } from '../../analysis/analyse.ts';
import { endingKind } from '../../analysis/run/attempts.ts';
import { readRun } from '../../analysis/run/read-run.ts';
import type { Attempt, Run } from '../../analysis/run/run-view.ts';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import { chartsOf } from '../../report/charts/charts.ts';
import { describeLimit } from '../../report/describe-limit.ts';
import { pageChart } from '../../report/page/page-chart.ts';
import type { PageChart, PageFinding } from '../../report/page/page-data.ts';
import { runFindings } from '../../report/page/page-findings.ts';
import type { StreamState } from './stream.ts';

/** A bucket as the last request found it. */
export interface BucketLevel {
  readonly name: string;
  readonly about: string;
  readonly left: number;
  /** The most that was ever left; the width of its bar. */
  readonly most: number;
}

/** Everything that the live page shows at one instant. */
export interface LiveView {
  readonly name: string;
  readonly elapsedUs: number;
  readonly calls: number;
  readonly failed: number;
  readonly attempts: number;
  readonly refused: number;
  readonly findings: readonly PageFinding[];
  readonly charts: readonly PageChart[];
  readonly leftOut: readonly string[];
  readonly buckets: readonly BucketLevel[];
  /** The latest first. */
  readonly recent: readonly Attempt[];
}

const RECENT = 20;
const MAX_BUCKETS = 12;

/** Judges what has come so far as `report` would; undefined before the first request. */
export function liveView({ header, records, counted }: StreamState): LiveView | undefined {
  if (!header || !records.some(({ type }) => type === 'attempt' || type === 'second')) return undefined;
  const run = readRun([header, ...records]);
  const analysis = analyse(run);
  const { specs, leftOut } = chartsOf(run, analysis);
  const { verdicts, thresholds } = analysis;
  return {
    name: header.scenario.name,
    elapsedUs: run.endUs,
    ...countsOf(run),
    findings: counted ? [] : runFindings(verdicts, [{ seed: header.seed, thresholds }], {}),
    charts: specs.map(pageChart),
    leftOut: leftOut.map(({ sentence }) => sentence),
    buckets: bucketLevels(run),
    recent: (counted ? readRun([header, ...counted]) : run).attempts.slice(-RECENT).reverse(),
  };
}

function countsOf({ calls, attempts, seconds }: Run): Pick<LiveView, 'calls' | 'failed' | 'attempts' | 'refused'> {
  const refused = attempts.filter((attempt) => endingKind(attempt) === 'refused').length;
  const counted = seconds.flatMap((second) => second.attempts ?? []);
  const sum = (groups: readonly { readonly count: number }[]): number =>
    groups.reduce((all, { count }) => all + count, 0);
  return {
    calls: calls.length,
    failed: calls.filter(({ result }) => result === 'error').length,
    attempts: attempts.length + sum(counted),
    refused: refused + sum(counted.filter((group) => endingKind(group) === 'refused')),
  };
}

function bucketLevels({ header, attempts, seconds }: Run): BucketLevel[] {
  const levels = new Map<string, BucketLevel>();
  const abouts = new Map(allLimits(header).map((limit) => [limit.name, describeLimit(limit)]));
  const checks = [...seconds.flatMap(({ buckets = [] }) => [buckets]), ...attempts.map(({ limits }) => limits)];
  for (const limits of checks) {
    for (const { limit, bucket, before, after } of limits) {
      const most = Math.max(levels.get(bucket)?.most ?? 1, before, after);
      levels.set(bucket, { name: bucket, about: abouts.get(limit) ?? limit, left: after, most });
    }
  }
  return [...levels.values()].slice(0, MAX_BUCKETS);
}
