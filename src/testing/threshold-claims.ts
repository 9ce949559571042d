import { evaluateThresholds, findThresholdProblems, type ThresholdResult } from '../analysis/metrics/thresholds.ts';
import { isRejected } from '../analysis/run/attempts.ts';
import type { Call, Run } from '../analysis/run/run-view.ts';
import { paintFor } from '../report/terminal/paint.ts';
import { thresholdLines } from '../report/terminal/threshold-lines.ts';
import type { AnalysedRun } from './analysed-run.ts';
import { callEvidenceLines, refusalEvidenceLines, sortByAttempts } from './call-evidence.ts';
import { type Claim, invalidMatcherError } from './claim.ts';

/** One threshold holds, written as in a scenario. Throws `matcher/invalid` for an invalid threshold. */
export function thresholdHolds({ run }: AnalysedRun, metric: string, expression: string): Claim {
  const setting = { metric, expression, abortOnFail: false, delayAbortEvalUs: 0 };
  const problems = findThresholdProblems([setting]).map((problem) => ({ ...problem, path: metric }));
  if (problems.length > 0) throw invalidMatcherError('invalid threshold', problems);
  return thresholdClaim(`to meet ${metric} ${expression}`, evaluateThresholds(run, [setting]), run);
}

/** Every threshold of the scenario holds. */
export function thresholdsHold({ run, analysis: { thresholds } }: AnalysedRun): Claim {
  const expectation = 'to meet every threshold of the scenario';
  if (thresholds.length > 0) return thresholdClaim(expectation, thresholds, run);
  return {
    expectation,
    holds: undefined,
    details: ["    The scenario sets no thresholds, e.g. thresholds: { call_failed: 'rate<0.01' }."],
  };
}

/** Returns the claim that thresholds hold. Its details are the deciding thresholds. */
function thresholdClaim(expectation: string, results: readonly ThresholdResult[], run: Run): Claim {
  const broken = results.filter(({ ok, observed }) => !ok && observed !== null);
  const withoutData = results.filter(({ observed }) => observed === null);
  const holds = broken.length > 0 ? false : withoutData.length > 0 ? undefined : true;
  const shown = holds === true ? results : holds === false ? broken : withoutData;
  return {
    expectation,
    holds,
    details: [...Map.groupBy(shown, ({ metric }) => metric)].flatMap(([metric, ofMetric]) => [
      ...thresholdLines(ofMetric, paintFor(false)),
      ...(holds === false ? evidenceFor(metric, run) : []),
    ]),
  };
}

/** Returns evidence for a high metric: the worst calls or attempts. */
function evidenceFor(selector: string, run: Run): string[] {
  const [, name, tags] = /^(\w+)(\{.*)?$/s.exec(selector) ?? [];
  // Tags select a part of the run, so the worst calls of the run may not belong to it.
  if (tags !== undefined) return [];
  switch (name) {
    case 'call_duration':
      return callEvidenceLines(
        run.calls.filter(({ result }) => result !== 'open').toSorted((a, b) => durationOf(b) - durationOf(a)),
      );
    case 'call_failed':
      return callEvidenceLines(run.calls.filter(({ result }) => result === 'error'));
    case 'calls_unfinished':
      return callEvidenceLines(run.calls.filter(({ result }) => result === 'open'));
    case 'attempts_per_call':
    case 'retry_amplification':
      return callEvidenceLines(sortByAttempts(run.calls));
    case 'attempt_rejected':
      return refusalEvidenceLines(run.attempts.filter(isRejected));
    default:
      return [];
  }
}

function durationOf({ scheduledUs, endUs }: Call): number {
  return endUs - scheduledUs;
}
