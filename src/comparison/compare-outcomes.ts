import type { MeasuredVerdict, Measurement, SeedStatus } from './measurement.ts';

/** Status of a verdict over all seeds of one side. */
export type VerdictOutcome = Exclude<SeedStatus, 'would-fail'>;

/** A verdict whose status changed. */
export interface VerdictChange {
  readonly id: string;
  readonly severity: 'error' | 'warn';
  readonly base: VerdictOutcome;
  readonly candidate: VerdictOutcome;
  /** Number of seeds with this status, and number of seeds. */
  readonly baseSeeds: readonly [number, number];
  readonly candidateSeeds: readonly [number, number];
  /** `lost`: further from passing. `gained`: nearer. `other`: missing on one side, or not applicable. */
  readonly went: 'gained' | 'lost' | 'other';
  /** Reason of the candidate, if its file contains reasons. */
  readonly reason?: string;
  readonly regression: boolean;
}

/** A threshold whose status changed. */
export interface ThresholdChange {
  /** E.g. `call_failed rate<0.01`. */
  readonly threshold: string;
  readonly base: 'held' | 'failed' | 'missing';
  readonly candidate: 'held' | 'failed' | 'missing';
  readonly went: 'gained' | 'lost' | 'other';
  readonly regression: boolean;
}

/** From best to worst; a side has the status of its worst seed. */
const FROM_BEST = ['missing', 'not-applicable', 'pass', 'inconclusive', 'warn', 'fail'] as const;

/** Returns the verdicts whose status changed. A verdict of severity `error` that newly fails is a regression. */
export function compareVerdicts(base: Measurement, candidate: Measurement): VerdictChange[] {
  const ids = [...new Set([...Object.keys(candidate.verdicts), ...Object.keys(base.verdicts)])];
  return ids.flatMap((id): VerdictChange[] => {
    const [before, after] = [base.verdicts[id], candidate.verdicts[id]];
    const [old, current] = [worstOutcome(before), worstOutcome(after)];
    if (old.outcome === current.outcome) return [];
    const severity = (after ?? before)!.severity;
    const reason = after?.reasons?.[current.first];
    return [
      {
        id,
        severity,
        base: old.outcome,
        candidate: current.outcome,
        baseSeeds: old.seeds,
        candidateSeeds: current.seeds,
        went: compareDirection(old.outcome, current.outcome),
        ...(reason && { reason }),
        regression: severity === 'error' && current.outcome === 'fail' && old.outcome !== 'missing',
      },
    ];
  });
}

/** Returns the worst status of all seeds. `would-fail` counts as `fail` if two seeds agree, else as `warn`. */
function worstOutcome(verdict: MeasuredVerdict | undefined): {
  outcome: VerdictOutcome;
  seeds: readonly [number, number];
  first: number;
} {
  const seeds = verdict?.seeds ?? [];
  const agreed = seeds.filter((status) => status === 'would-fail' || status === 'fail').length >= 2;
  const statuses = seeds.map((status): VerdictOutcome => {
    if (status === 'would-fail') return agreed ? 'fail' : 'warn';
    return status;
  });
  const outcome = FROM_BEST.findLast((status) => statuses.includes(status)) ?? 'missing';
  const count = statuses.filter((status) => status === outcome).length;
  return { outcome, seeds: [count, statuses.length], first: statuses.indexOf(outcome) };
}

/** A missing verdict is neither gained nor lost. */
function compareDirection(was: VerdictOutcome, is: VerdictOutcome): VerdictChange['went'] {
  if ([was, is].some((outcome) => outcome === 'missing')) return 'other';
  const rank = (outcome: VerdictOutcome): number => (outcome === 'not-applicable' ? 2 : FROM_BEST.indexOf(outcome));
  const by = rank(is) - rank(was);
  return by === 0 ? 'other' : by > 0 ? 'lost' : 'gained';
}

/** Returns the thresholds whose status changed. A threshold that held and now fails is a regression. */
export function compareThresholds(base: Measurement, candidate: Measurement): ThresholdChange[] {
  const names = [...new Set([...Object.keys(candidate.thresholds), ...Object.keys(base.thresholds)])];
  return names.flatMap((threshold): ThresholdChange[] => {
    const [was, is] = [thresholdStatus(base.thresholds[threshold]), thresholdStatus(candidate.thresholds[threshold])];
    if (was === is) return [];
    const isLost = was === 'held' && is === 'failed';
    const isGained = was === 'failed' && is === 'held';
    const went = isLost ? 'lost' : isGained ? 'gained' : 'other';
    return [{ threshold, base: was, candidate: is, went, regression: isLost }];
  });
}

/** `held` if the threshold held with every seed. */
function thresholdStatus(seeds: readonly (boolean | null)[] | undefined): ThresholdChange['base'] {
  if (!seeds || seeds.every((held) => held === null)) return 'missing';
  return seeds.every((held) => held !== false) ? 'held' : 'failed';
}
