import type { GatewayUse } from './gateway-use.ts';
import type { Verdict } from './judging/verdict.ts';
import type { KeyUse } from './key-use.ts';
import type { LimitUse } from './limit-use.ts';
import type { Metric } from './metrics/metrics.ts';
import type { ThresholdResult } from './metrics/thresholds.ts';
import type { LoadFigures } from './run/by-load.ts';

/** Everything that is computed from one journal; every report is a rendering of this and the run. */
export interface Analysis {
  readonly metrics: readonly Metric[];
  readonly thresholds: readonly ThresholdResult[];
  readonly verdicts: readonly Verdict[];
  readonly limits: readonly LimitUse[];
  /** Of each key, where there are several. */
  readonly keys: readonly KeyUse[];
  /** Null for a run without a gateway. */
  readonly gateway: GatewayUse | null;
  /** Of each load that has a name. */
  readonly loads: readonly LoadFigures[];
  /** Attempts that could not be joined to a call. */
  readonly unattributed: number;
}
