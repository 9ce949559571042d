import type { LimitUse } from '../analysis/limit-use.ts';
import type { ThresholdSetting } from '../scenario/scenario.ts';

/** A missed goal and the observed value. */
export interface Missed {
  /** `call_failed rate<0.01`, or the id of a verdict. */
  readonly goal: string;
  /** In the unit of the metric; null without data. */
  readonly observed: number | null;
  readonly unit: 'us' | 'share' | 'count' | 'verdict';
}

/** The figures of one run for plans and sweeps. Durations in microseconds. */
export interface Measured {
  readonly seed: number;
  readonly ok: boolean;
  readonly missed: readonly Missed[];
  readonly calls: number;
  /** Share of ended calls that failed. */
  readonly failed: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly goodputPerSecond: number;
  readonly attempts: number;
  /** Share of attempts that a limit refused. */
  readonly refused: number;
  readonly attemptsPerCall: number;
  readonly limits: readonly (LimitUse & { readonly costPerRequest: number })[];
  /** Mean duration of an admitted request in the provider. */
  readonly serviceUs: number;
  readonly endUs: number;
}

/** The goal for scenarios without a threshold on failed calls: without it, any load would hold. */
export const DEFAULT_GOAL: ThresholdSetting = {
  metric: 'call_failed',
  expression: 'rate<0.01',
  abortOnFail: false,
  delayAbortEvalUs: 0,
};

/** Returns the thresholds, plus the default goal if no threshold covers failed calls. */
export function withDefaultGoal(thresholds: readonly ThresholdSetting[]): readonly ThresholdSetting[] {
  return thresholds.some(({ metric }) => metric === 'call_failed') ? thresholds : [...thresholds, DEFAULT_GOAL];
}
