import type { Analysis } from './analysis.ts';
import { computeGatewayUse } from './gateway-use.ts';
import { judgeRun } from './judging/judge-run.ts';
import type { Verdict } from './judging/verdict.ts';
import { computeKeyUse } from './key-use.ts';
import { computeLimitUse } from './limit-use.ts';
import { computeMetrics } from './metrics/metrics.ts';
import { evaluateThresholds } from './metrics/thresholds.ts';
import { findUnattributed } from './run/attempts.ts';
import { computeLoadFigures } from './run/by-load.ts';
import type { Run } from './run/run-view.ts';

/** Computes the whole analysis of a run. The scenario in its header selects the thresholds and verdicts. */
export function analyse(run: Run): Analysis {
  const { thresholds, verdicts } = run.header.scenario;
  return {
    metrics: computeMetrics(run),
    thresholds: evaluateThresholds(run, thresholds),
    verdicts: judgeRun(run, verdicts),
    limits: computeLimitUse(run),
    keys: computeKeyUse(run),
    gateway: computeGatewayUse(run),
    loads: computeLoadFigures(run),
    unattributed: findUnattributed(run).length,
  };
}

/** Which outcomes do not fail a run. */
export interface Leniency {
  readonly allowInconclusive?: boolean;
}

/**
 * Returns whether a run passes: every threshold holds and no verdict of severity `error` fails. An inconclusive verdict of
 * severity `error` also fails the run unless `allowInconclusive` is set, since missing evidence is not success.
 */
export function hasPassed(
  { thresholds, verdicts }: Pick<Analysis, 'thresholds'> & { readonly verdicts: readonly Verdict[] },
  leniency: Leniency = {},
): boolean {
  return !verdicts.some((verdict) => isFailure(verdict, leniency)) && thresholds.every(({ ok }) => ok);
}

/** Returns whether this verdict alone fails its run. */
export function isFailure({ severity, status }: Verdict, { allowInconclusive = false }: Leniency = {}): boolean {
  return severity === 'error' && (status === 'fail' || (status === 'inconclusive' && !allowInconclusive));
}
