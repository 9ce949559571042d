import type { Metric } from './metrics.ts';
import type { ThresholdResult } from './thresholds.ts';
import type { Verdict } from './verdict.ts';

/** How one limit was used over the run. */
export interface LimitUse {
  readonly limit: string;
  readonly unit: string;
  /** Attempts this limit refused (it was the one reported). */
  readonly denied: number;
  /** Units admitted over the run, and what the limit could have admitted in that time (capacity + refill); null if unbounded. */
  readonly admitted: number;
  readonly admissible: number | null;
}

/** Everything that is computed from one journal; every report is a rendering of this and the run. */
export interface Analysis {
  readonly metrics: readonly Metric[];
  readonly thresholds: readonly ThresholdResult[];
  readonly verdicts: readonly Verdict[];
  readonly limits: readonly LimitUse[];
  /** Attempts that could not be joined to a call. */
  readonly unattributed: number;
}
