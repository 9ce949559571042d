import { JUDGES, judgeRun, severityOf } from '../analysis/judging/judge-run.ts';
import { computeLimitUse } from '../analysis/limit-use.ts';
import { computeMetric, metricUnit } from '../analysis/metrics/metrics.ts';
import { evaluateThresholds } from '../analysis/metrics/thresholds.ts';
import { isAdmitted, isRejected } from '../analysis/run/attempts.ts';
import { readRun } from '../analysis/run/read-run.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { mean, percentile } from '../analysis/statistics/percentile.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { VerdictSetting } from '../scenario/scenario.ts';
import { type Measured, type Missed, withDefaultGoal } from './measured.ts';

/** Returns the figures of a run from its journal, and the missed goals: thresholds and verdicts of severity error. */
export function measure(records: readonly JournalRecord[]): Measured {
  const run = readRun(records);
  const missed = [...missedThresholds(run), ...failedVerdicts(run)];
  const ended = run.calls.filter(({ result }) => result !== 'open');
  const durations = computeMetric(run, 'call_duration', {});
  const sorted = durations.type === 'trend' ? durations.sorted : [];
  const admitted = run.attempts.filter(isAdmitted);
  return {
    seed: run.header.seed,
    ok: missed.length === 0,
    missed,
    calls: run.calls.length,
    failed: share(ended.filter(({ result }) => result === 'error').length, ended.length),
    p50Us: percentile(sorted, 50),
    p95Us: percentile(sorted, 95),
    goodputPerSecond: share(run.calls.filter(({ result }) => result === 'ok').length, run.endUs / 1e6),
    attempts: run.attempts.length,
    refused: share(run.attempts.filter(isRejected).length, run.attempts.length),
    attemptsPerCall: share(run.attempts.length, run.calls.length),
    limits: computeLimitUse(run).map((use) => ({ ...use, costPerRequest: share(use.admitted, admitted.length) })),
    serviceUs: mean(admitted.map(({ startUs, endUs }) => endUs - startUs)),
    endUs: run.endUs,
  };
}

function missedThresholds(run: Run): Missed[] {
  return evaluateThresholds(run, withDefaultGoal(run.header.scenario.thresholds))
    .filter(({ ok }) => !ok)
    .map(({ metric, expression, observed }) => ({ goal: `${metric} ${expression}`, observed, unit: unitOf(metric) }));
}

function unitOf(metric: string): Missed['unit'] {
  const unit = metricUnit(metric);
  return unit === 'share' || unit === 'us' ? unit : 'count';
}

/** Judges only verdicts that can fail a run. An inconclusive verdict does not count as missed. */
function failedVerdicts(run: Run): Missed[] {
  const { verdicts } = run.header.scenario;
  const settings = JUDGES.map((judge): [string, VerdictSetting] => [
    judge.id,
    severityOf(judge, verdicts) === 'error' ? (verdicts[judge.id] ?? 'error') : 'off',
  ]);
  return judgeRun(run, Object.fromEntries(settings))
    .filter(({ status, wouldFail }) => status === 'fail' || wouldFail)
    .map(({ id, figure }) => ({ goal: id, observed: figure, unit: 'verdict' }));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
