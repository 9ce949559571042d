import type { Analysis } from './analysis.ts';
import { gatewayUse } from './gateway-use.ts';
import { judgeRun } from './judging/judge-run.ts';
import type { Verdict } from './judging/verdict.ts';
import { keyUse } from './key-use.ts';
import { limitUse } from './limit-use.ts';
import { computeMetrics } from './metrics/metrics.ts';
import { evaluateThresholds } from './metrics/thresholds.ts';
import { unattributedOf } from './run/attempts.ts';
import { figuresByLoad } from './run/by-load.ts';
import type { Run } from './run/run-view.ts';

/** Computes all there is to know of a run; the scenario in its header says which thresholds and verdicts count. */
export function analyse(run: Run): Analysis {
  const { thresholds, verdicts } = run.header.scenario;
  return {
    metrics: computeMetrics(run),
    thresholds: evaluateThresholds(run, thresholds),
    verdicts: judgeRun(run, verdicts),
    limits: limitUse(run),
    keys: keyUse(run),
    gateway: gatewayUse(run),
    loads: figuresByLoad(run),
    unattributed: unattributedOf(run).length,
  };
}

/** What a caller lets pass. */
export interface Leniency {
  readonly allowInconclusive?: boolean;
}

/**
 * Whether a run passes: every threshold holds, and no verdict that counts as an error has failed. One that counts but
 * could not be decided fails the run too, unless the caller allows it: silence is no success.
 */
export function passed(
  { thresholds, verdicts }: Pick<Analysis, 'thresholds' | 'verdicts'>,
  leniency: Leniency = {},
): boolean {
  return !verdicts.some((verdict) => failsRun(verdict, leniency)) && thresholds.every(({ ok }) => ok);
}

/** Whether this verdict alone fails its run. */
export function failsRun({ severity, status }: Verdict, { allowInconclusive = false }: Leniency = {}): boolean {
  return severity === 'error' && (status === 'fail' || (status === 'inconclusive' && !allowInconclusive));
}
