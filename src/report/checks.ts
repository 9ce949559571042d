import type { Verdict, VerdictStatus } from '../analysis/judging/verdict.ts';
import type { ThresholdResult } from '../analysis/metrics/thresholds.ts';
import { isFailure, type Leniency } from '../analysis/pass-rule.ts';
import { formatObserved, formatSamples } from './terminal/threshold-lines.ts';
import { evidenceText, formatVerdictFigure } from './terminal/verdict-lines.ts';

/** One verdict, threshold or comparison as a CI system shows it: a name and an outcome. */
export interface Check {
  readonly kind: 'verdict' | 'threshold' | 'comparison' | 'row';
  /** The id of the verdict or of the row of a battery, the threshold (`call_failed rate<0.01`), or the compared figure. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'warned' | 'undecided' | 'not-applicable';
  /** Whether this check alone fails the run (exit 99). */
  readonly failsRun: boolean;
  /** What was observed, in one line. */
  readonly message: string;
  readonly evidence: readonly string[];
  /** What to change; empty if nothing. */
  readonly advice: string;
  /** Where the scenario sets it: keys and indices from the root. */
  readonly path: readonly (string | number)[];
}

/** The thresholds of one seed, in the same order for all seeds. */
export interface SeedThresholds {
  readonly seed: number;
  readonly thresholds: readonly ThresholdResult[];
}

const OUTCOMES: Readonly<Record<VerdictStatus, Check['outcome']>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warned',
  inconclusive: 'undecided',
  'not-applicable': 'not-applicable',
};

/** Returns the checks of a run: the verdicts (one per id), then the thresholds, each with its worst seed. */
export function checksOf(
  verdicts: readonly Verdict[],
  seeds: readonly SeedThresholds[],
  leniency: Leniency = {},
): Check[] {
  return [...verdicts.map((verdict) => verdictCheck(verdict, leniency)), ...thresholdChecks(seeds)];
}

function verdictCheck(verdict: Verdict, leniency: Leniency): Check {
  const { id, status, reason, evidence, advice } = verdict;
  const isWrong = status === 'fail' || status === 'warn';
  return {
    kind: 'verdict',
    name: id,
    outcome: OUTCOMES[status],
    failsRun: isFailure(verdict, leniency),
    message:
      isWrong || (status === 'inconclusive' && verdict.figure !== null)
        ? `${isWrong ? status : 'so far'}${formatVerdictFigure(verdict)}: ${reason}`
        : reason,
    evidence: evidence.map(evidenceText),
    advice,
    path: ['verdicts', id],
  };
}

function thresholdChecks(seeds: readonly SeedThresholds[]): Check[] {
  const place = new Map<string, number>();
  return (seeds[0]?.thresholds ?? []).map((first, at): Check => {
    const index = place.get(first.metric) ?? 0;
    place.set(first.metric, index + 1);
    const perSeed = seeds.map(({ seed, thresholds }) => ({ seed, result: thresholds[at]! }));
    const failing = perSeed.filter(({ result }) => !result.ok);
    const { result } = failing[0] ?? perSeed[0]!;
    const where = seeds.length > 1 && failing.length > 0 ? `seed ${failing.map(({ seed }) => seed).join(', ')}: ` : '';
    return {
      kind: 'threshold',
      name: `${first.metric} ${first.expression}`,
      outcome: result.ok ? 'passed' : result.observed === null ? 'undecided' : 'failed',
      failsRun: !result.ok,
      message: `${where}${formatObserved(result)} (${formatSamples(result)})`,
      evidence: [],
      advice: '',
      path: ['thresholds', first.metric, index],
    };
  });
}
