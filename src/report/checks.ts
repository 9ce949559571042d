import { failsRun, type Leniency } from '../analysis/analyse.ts';
import type { Verdict, VerdictStatus } from '../analysis/judging/verdict.ts';
import type { ThresholdResult } from '../analysis/metrics/thresholds.ts';
import { observedIn, samplesIn } from './terminal/threshold-lines.ts';
import { evidenceText, figureOf } from './terminal/verdict-lines.ts';

/** One verdict, threshold or comparison as CI systems know it: something with a name that went well or did not. */
export interface Check {
  readonly kind: 'verdict' | 'threshold' | 'comparison';
  /** The verdict's id, the threshold as it is written (`call_failed rate<0.01`), or what was compared. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'warned' | 'undecided' | 'not-applicable';
  /** Whether it alone makes the run fail (exit 99). */
  readonly failsRun: boolean;
  /** What was seen, in one line. */
  readonly message: string;
  readonly evidence: readonly string[];
  /** What to change; empty where nothing is to be changed. */
  readonly advice: string;
  /** Where a scenario sets it: keys and indices from its root. */
  readonly path: readonly (string | number)[];
}

/** The thresholds of one seed, all seeds in the same order. */
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

/** Verdicts, already one of each kind, then thresholds, each as bad as its worst seed. */
export function checksOf(
  verdicts: readonly Verdict[],
  seeds: readonly SeedThresholds[],
  leniency: Leniency = {},
): Check[] {
  return [...verdicts.map((verdict) => ofVerdict(verdict, leniency)), ...thresholdChecks(seeds)];
}

function ofVerdict(verdict: Verdict, leniency: Leniency): Check {
  const { id, status, reason, evidence, advice } = verdict;
  const isWrong = status === 'fail' || status === 'warn';
  return {
    kind: 'verdict',
    name: id,
    outcome: OUTCOMES[status],
    failsRun: failsRun(verdict, leniency),
    message: isWrong ? `${status}${figureOf(verdict)}: ${reason}` : reason,
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
    const own = seeds.map(({ seed, thresholds }) => ({ seed, result: thresholds[at]! }));
    const failing = own.filter(({ result }) => !result.ok);
    const { result } = failing[0] ?? own[0]!;
    const where = seeds.length > 1 && failing.length > 0 ? `seed ${failing.map(({ seed }) => seed).join(', ')}: ` : '';
    return {
      kind: 'threshold',
      name: `${first.metric} ${first.expression}`,
      outcome: result.ok ? 'passed' : result.observed === null ? 'undecided' : 'failed',
      failsRun: !result.ok,
      message: `${where}${observedIn(result)} (${samplesIn(result)})`,
      evidence: [],
      advice: '',
      path: ['thresholds', first.metric, index],
    };
  });
}
