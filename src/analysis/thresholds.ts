/** How one threshold fared. `ok` is false also when there was no sample to judge (`samples` 0). */
export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
  /** Observed value in the metric's own unit (microseconds, share, count); null for no samples. */
  readonly observed: number | null;
  readonly samples: number;
}
