import type { MeasuredVerdict, Measurement, SeedStatus } from './measurement.ts';

/** How a verdict came out over all seeds of a side. */
export type Outcome = Exclude<SeedStatus, 'would-fail'>;

export interface VerdictChange {
  readonly id: string;
  readonly severity: 'error' | 'warn';
  readonly base: Outcome;
  readonly candidate: Outcome;
  /** How many seeds came out like that, of how many. */
  readonly baseSeeds: readonly [number, number];
  readonly candidateSeeds: readonly [number, number];
  /** `lost`: it is further from passing; `gained`: nearer; `other`: it judged in one of them only, or could not. */
  readonly went: 'gained' | 'lost' | 'other';
  /** What the candidate said, where its file has it. */
  readonly reason?: string;
  readonly regression: boolean;
}

export interface ThresholdChange {
  /** E.g. `call_failed rate<0.01`. */
  readonly threshold: string;
  readonly base: 'held' | 'failed' | 'missing';
  readonly candidate: 'held' | 'failed' | 'missing';
  readonly went: 'gained' | 'lost' | 'other';
  readonly regression: boolean;
}

/** From best to worst: a side is as good as its worst seed. */
const ORDER = ['missing', 'not-applicable', 'pass', 'inconclusive', 'warn', 'fail'] as const;

/** Verdicts whose outcome is another one. An `error` that fails where it did not is a regression, whatever is allowed. */
export function verdictChanges(base: Measurement, candidate: Measurement): VerdictChange[] {
  const ids = [...new Set([...Object.keys(candidate.verdicts), ...Object.keys(base.verdicts)])];
  return ids.flatMap((id): VerdictChange[] => {
    const [before, after] = [base.verdicts[id], candidate.verdicts[id]];
    const [was, is] = [outcomeOf(before), outcomeOf(after)];
    if (was.outcome === is.outcome) return [];
    const severity = (after ?? before)!.severity;
    const reason = after?.reasons?.[is.first];
    return [
      {
        id,
        severity,
        base: was.outcome,
        candidate: is.outcome,
        baseSeeds: was.seeds,
        candidateSeeds: is.seeds,
        went: wentFrom(was.outcome, is.outcome),
        ...(reason && { reason }),
        regression: severity === 'error' && is.outcome === 'fail' && was.outcome !== 'missing',
      },
    ];
  });
}

/** The worst of the seeds; what only warns because it rests on chance fails where two seeds say it. */
function outcomeOf(verdict: MeasuredVerdict | undefined): {
  outcome: Outcome;
  seeds: readonly [number, number];
  first: number;
} {
  const written = verdict?.seeds ?? [];
  const agreed = written.filter((status) => status === 'would-fail' || status === 'fail').length >= 2;
  const statuses = written.map((status): Outcome => {
    if (status === 'would-fail') return agreed ? 'fail' : 'warn';
    return status;
  });
  const outcome = ORDER.findLast((one) => statuses.includes(one)) ?? 'missing';
  const count = statuses.filter((status) => status === outcome).length;
  return { outcome, seeds: [count, statuses.length], first: statuses.indexOf(outcome) };
}

/** Only what judged can be gained or lost. */
function wentFrom(was: Outcome, is: Outcome): VerdictChange['went'] {
  if ([was, is].some((outcome) => outcome === 'missing')) return 'other';
  const rank = (outcome: Outcome): number => (outcome === 'not-applicable' ? 2 : ORDER.indexOf(outcome));
  const by = rank(is) - rank(was);
  return by === 0 ? 'other' : by > 0 ? 'lost' : 'gained';
}

/** Thresholds that hold no longer, or now, or are asked of one side only. One that was held and is not is a regression. */
export function thresholdChanges(base: Measurement, candidate: Measurement): ThresholdChange[] {
  const names = [...new Set([...Object.keys(candidate.thresholds), ...Object.keys(base.thresholds)])];
  return names.flatMap((threshold): ThresholdChange[] => {
    const [was, is] = [heldIn(base.thresholds[threshold]), heldIn(candidate.thresholds[threshold])];
    if (was === is) return [];
    const isLost = was === 'held' && is === 'failed';
    const isGained = was === 'failed' && is === 'held';
    const went = isLost ? 'lost' : isGained ? 'gained' : 'other';
    return [{ threshold, base: was, candidate: is, went, regression: isLost }];
  });
}

/** Held by every seed. */
function heldIn(seeds: readonly (boolean | null)[] | undefined): ThresholdChange['base'] {
  if (!seeds || seeds.every((held) => held === null)) return 'missing';
  return seeds.every((held) => held !== false) ? 'held' : 'failed';
}
