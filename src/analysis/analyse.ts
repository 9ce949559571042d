import type { Analysis } from './analysis.ts';
import { computeFleetFigures } from './by-client.ts';
import { computeGatewayUse } from './gateway-use.ts';
import { judgeRun } from './judging/judge-run.ts';
import { describeMissingFact, missingIn } from './judging/recorded-facts.ts';
import { computeKeyUse } from './key-use.ts';
import { findOverload } from './ledger/demand.ts';
import { computeLimitUse } from './limit-use.ts';
import { computeMetrics } from './metrics/metrics.ts';
import { evaluateThresholds } from './metrics/thresholds.ts';
import { findUnattributed } from './run/attempts.ts';
import { computeLoadFigures } from './run/by-load.ts';
import { computeProviderFigures } from './run/by-provider.ts';
import { findClockStart } from './run/clock-start.ts';
import { findCoarseTime } from './run/coarse-time.ts';
import { computeAttribution } from './run/joined-by.ts';
import { rawLoadReason } from './run/raw-load.ts';
import type { Run } from './run/run-view.ts';
import { describeUnchallenged } from './run/unchallenged.ts';

/**
 * Computes the whole analysis of a run. The scenario in its header selects the thresholds and verdicts.
 *
 * @example
 * const { verdicts, thresholds } = analyse(readRun(await readJournal('reports/article/journal.jsonl')));
 */
export function analyse(run: Run): Analysis {
  const { thresholds, verdicts } = run.header.scenario;
  return {
    metrics: computeMetrics(run),
    thresholds: evaluateThresholds(run, thresholds),
    verdicts: judgeRun(run, verdicts),
    limits: computeLimitUse(run),
    overload: findOverload(run),
    keys: computeKeyUse(run),
    gateway: computeGatewayUse(run),
    loads: computeLoadFigures(run),
    fleet: computeFleetFigures(run),
    providers: computeProviderFigures(run),
    unattributed: findUnattributed(run).length,
    attribution: computeAttribution(run),
    missing: missingIn(run).map((fact) => ({ fact, description: describeMissingFact(fact) })),
    rawLoad: rawLoadReason(run) ?? null,
    unchallenged: describeUnchallenged(run) ?? null,
    clockStart: findClockStart(run) ?? null,
    coarseTime: findCoarseTime(run) ?? null,
  };
}
