import type { LimitUse } from '../analysis/limit-use.ts';
import type { ThresholdSetting } from '../scenario/scenario.ts';

/** A goal that was missed, as the user wrote it, and what was seen instead. */
export interface Missed {
  /** `call_failed rate<0.01`, or the id of a verdict. */
  readonly goal: string;
  /** In the metric's own unit; null where there was nothing to measure. */
  readonly observed: number | null;
  readonly unit: 'us' | 'share' | 'count' | 'verdict';
}

/** One run, in the figures that a plan and a sweep look at. Durations in microseconds. */
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
  /** Mean time that the provider took for an admitted request. */
  readonly serviceUs: number;
  readonly endUs: number;
}

/** What a scenario asks of its calls where it sets no bound on failed ones: without it every load would do. */
export const DEFAULT_GOAL: ThresholdSetting = {
  metric: 'call_failed',
  expression: 'rate<0.01',
  abortOnFail: false,
  delayAbortEvalUs: 0,
};

/** The scenario's thresholds, and the default one where none is about failed calls. */
export function goalsOf(thresholds: readonly ThresholdSetting[]): readonly ThresholdSetting[] {
  return thresholds.some(({ metric }) => metric === 'call_failed') ? thresholds : [...thresholds, DEFAULT_GOAL];
}
