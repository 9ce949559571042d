import type { MissingFact } from '../journal/record.ts';
import type { FleetFigures } from './by-client.ts';
import type { GatewayUse } from './gateway-use.ts';
import type { VerdictId } from './judging/judge-run.ts';
import type { Verdict } from './judging/verdict.ts';
import type { KeyUse } from './key-use.ts';
import type { Overload } from './ledger/demand.ts';
import type { LimitUse } from './limit-use.ts';
import type { Metric } from './metrics/metrics.ts';
import type { ThresholdResult } from './metrics/thresholds.ts';
import type { LoadFigures } from './run/by-load.ts';
import type { ProviderFigures } from './run/by-provider.ts';
import type { CoarseTime } from './run/coarse-time.ts';
import type { Attribution } from './run/joined-by.ts';

/** Everything computed from one journal. Every report is rendered from this and the run. */
export interface Analysis {
  readonly metrics: readonly Metric[];
  readonly thresholds: readonly ThresholdResult[];
  readonly verdicts: readonly Verdict<VerdictId>[];
  readonly limits: readonly LimitUse[];
  /** What the load wanted of the quota, if that is more than it admits; otherwise null. */
  readonly overload: Overload | null;
  /** Usage per key; empty for a single key. */
  readonly keys: readonly KeyUse[];
  /** Null for a run without a gateway. */
  readonly gateway: GatewayUse | null;
  /** Figures of each named load. */
  readonly loads: readonly LoadFigures[];
  /** Figures of each client and replica; null for a run of one process. */
  readonly fleet: FleetFigures | null;
  /** Figures of each provider; empty for one. */
  readonly providers: readonly ProviderFigures[];
  /** Number of attempts not joined to a call. */
  readonly unattributed: number;
  readonly attribution: Attribution;
  /** Facts that a recording or the requests of a program do not show; empty for other runs. */
  readonly missing: readonly { readonly fact: MissingFact; readonly description: string }[];
  /** Why verdicts do not apply to raw load; null for other runs. */
  readonly rawLoad: string | null;
  /** That every request was answered, so that no limit and no fault was tested, with the peak of the load; otherwise null. */
  readonly unchallenged: string | null;
  /** When the virtual clock began, in ISO 8601, if clients were sent dates; otherwise null. */
  readonly clockStart: string | null;
  /** The resolution of a scaled run that is too coarse for its waits; otherwise null. */
  readonly coarseTime: CoarseTime | null;
}
