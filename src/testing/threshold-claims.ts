import { evaluateThresholds, type ThresholdResult, thresholdProblems } from '../analysis/metrics/thresholds.ts';
import { isRejected } from '../analysis/run/attempts.ts';
import type { Call, Run } from '../analysis/run/run-view.ts';
import { paintFor } from '../report/terminal/paint.ts';
import { thresholdLines } from '../report/terminal/threshold-lines.ts';
import { costliest, proofOfCalls, proofOfRefusals } from './call-proof.ts';
import { askedWrongly, type Claim } from './claim.ts';
import type { Judged } from './judged.ts';

/** One bound on a metric, as a scenario has it. Throws `matcher/invalid` with what cannot be read. */
export function thresholdHolds({ run }: Judged, metric: string, expression: string): Claim {
  const setting = { metric, expression, abortOnFail: false, delayAbortEvalUs: 0 };
  const problems = thresholdProblems([setting]).map((problem) => ({ ...problem, path: metric }));
  if (problems.length > 0) throw askedWrongly('this threshold cannot be judged', problems);
  return claimOf(`to keep ${metric} ${expression}`, evaluateThresholds(run, [setting]), run);
}

/** Every threshold that the scenario has. */
export function thresholdsHold({ run, analysis: { thresholds } }: Judged): Claim {
  const says = 'to keep every threshold of the scenario';
  if (thresholds.length > 0) return claimOf(says, thresholds, run);
  return { says, holds: undefined, seen: ["    It has none: thresholds: { call_failed: 'rate<0.01' }."] };
}

/** What is shown are those that decide. */
function claimOf(says: string, results: readonly ThresholdResult[], run: Run): Claim {
  const broken = results.filter(({ ok, observed }) => !ok && observed !== null);
  const silent = results.filter(({ observed }) => observed === null);
  const holds = broken.length > 0 ? false : silent.length > 0 ? undefined : true;
  const shown = holds === true ? results : holds === false ? broken : silent;
  return {
    says,
    holds,
    seen: [...Map.groupBy(shown, ({ metric }) => metric)].flatMap(([metric, ofMetric]) => [
      ...thresholdLines(ofMetric, paintFor(false)),
      ...(holds === false ? proofOf(metric, run) : []),
    ]),
  };
}

/** The calls or attempts that a metric is high by, where one can point at them. */
function proofOf(selector: string, run: Run): string[] {
  const [, name, tags] = /^(\w+)(\{.*)?$/s.exec(selector) ?? [];
  // What tags select is a part of the run, whose worst may be elsewhere.
  if (tags !== undefined) return [];
  switch (name) {
    case 'call_duration':
      return proofOfCalls(
        run.calls.filter(({ result }) => result !== 'open').toSorted((a, b) => durationOf(b) - durationOf(a)),
      );
    case 'call_failed':
      return proofOfCalls(run.calls.filter(({ result }) => result === 'error'));
    case 'calls_unfinished':
      return proofOfCalls(run.calls.filter(({ result }) => result === 'open'));
    case 'attempts_per_call':
    case 'retry_amplification':
      return proofOfCalls(costliest(run.calls));
    case 'attempt_rejected':
      return proofOfRefusals(run.attempts.filter(isRejected));
    default:
      return [];
  }
}

function durationOf({ scheduledUs, endUs }: Call): number {
  return endUs - scheduledUs;
}
