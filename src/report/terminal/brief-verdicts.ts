import type { Analysis } from '../../analysis/analysis.ts';
import type { Verdict, VerdictStatus } from '../../analysis/judging/verdict.ts';
import { isFailure, type Leniency } from '../../analysis/pass-rule.ts';
import { counted } from '../format.ts';
import { type Levels, linesWithin } from './lines-within.ts';
import type { Paint } from './paint.ts';
import { thresholdText, verdictText } from './result-line.ts';
import { chanceText, evidenceText } from './verdict-lines.ts';
import { indented } from './wrap.ts';

/** One thing that is wrong, with more and more of what is known of it. */
interface Problem {
  readonly mark: string;
  readonly head: string;
  readonly fails: boolean;
  /** Texts by level: what to change, the observation, the first proof. */
  readonly advice: string;
  readonly reason: string;
  readonly proof: string;
}

/**
 * Returns what is wrong in at most `most` lines, what fails the run first: the more there is, the less of each is shown, of
 * the first the most. Then, in a line, how many verdicts passed, do not apply or are undecided.
 */
export function briefVerdictLines(
  analysis: Analysis,
  leniency: Leniency,
  paint: Paint,
  width: number,
  most: number,
): string[] {
  const { verdicts, thresholds } = analysis;
  const failing = verdicts.filter((verdict) => isFailure(verdict, leniency));
  const others = verdicts.filter((verdict) => !failing.includes(verdict));
  const problems = findProblems(failing, others, thresholds);
  const undecided = others.filter(({ status }) => status === 'inconclusive');
  // Beside a problem they would only surround it.
  const told = problems.length === 0 ? undecided.slice(0, 1) : [];
  const shown = [...problems, ...told.map(undecidedProblem)];
  const rest = countLines(others, thresholds, paint, width);
  const levels = shown.map((problem) => problemLevels(problem, paint, width));
  return [...linesWithin(levels, most - rest.length, moreText), ...rest];
}

/** Returns verdicts that fail, in at most `most` lines. */
export function failedVerdictLines(failing: readonly Verdict[], paint: Paint, width: number, most: number): string[] {
  const levels = failing.map((verdict) => problemLevels(verdictProblem(verdict, true), paint, width));
  return linesWithin(levels, most, moreText);
}

const moreText = (count: number): string => `    … and ${count} more (--full shows all)`;

function findProblems(
  failing: Analysis['verdicts'],
  others: Analysis['verdicts'],
  thresholds: Analysis['thresholds'],
): Problem[] {
  const missed = thresholds.filter(({ ok }) => !ok);
  // Of those that only warn, the clear ones first.
  const warned = (['fail', 'warn'] as const).flatMap((wanted) => others.filter(({ status }) => status === wanted));
  return [
    ...failing.map((verdict) => verdictProblem(verdict, true)),
    ...missed.map((result) => ({ ...NOTHING_MORE, mark: '✗', head: thresholdText(result), fails: true })),
    ...warned.map((verdict) => verdictProblem(verdict, false)),
  ];
}

const NOTHING_MORE = { advice: '', reason: '', proof: '' };

function verdictProblem(verdict: Verdict, fails: boolean): Problem {
  const { advice, evidence, reason } = verdict;
  const [first] = evidence;
  return {
    mark: fails ? '✗' : '!',
    head: verdictText(verdict),
    fails,
    advice,
    reason: [reason, ...chanceText(verdict, '--seeds 2')].join(' '),
    proof: first === undefined ? '' : evidenceText(first),
  };
}

function undecidedProblem(verdict: Verdict): Problem {
  const { advice, reason } = verdict;
  return { mark: '?', head: verdictText(verdict), fails: false, advice, reason, proof: '' };
}

/** Returns a problem as lines: its head, then also its advice, its reason, its proof. */
function problemLevels({ mark, head, fails, advice, reason, proof }: Problem, paint: Paint, width: number): Levels {
  const colour = fails ? paint.bad : paint.doubt;
  const [first = '', ...more] = indented(head, width, 2, `${mark} `);
  const heads = [first.replace(/(?<= {2}). [^ ]+/, colour), ...more];
  const part = (text: string, label = ''): string[] => (text === '' ? [] : indented(text, width, 6, label));
  const mend = part(advice, '→ ');
  return [
    heads,
    [...heads, ...mend],
    [...heads, ...part(reason), ...mend],
    [...heads, ...part(reason), ...part(proof, '· '), ...mend],
  ];
}

/** Nothing that passed or does not apply is spelled out. */
function countLines(
  verdicts: Analysis['verdicts'],
  thresholds: Analysis['thresholds'],
  paint: Paint,
  width: number,
): string[] {
  const count = (wanted: VerdictStatus): number => verdicts.filter(({ status }) => status === wanted).length;
  const [passed, undecided, leftOut] = [count('pass'), count('inconclusive'), count('not-applicable')];
  const held = thresholds.filter(({ ok }) => ok).length;
  const good = [
    ...(passed > 0 ? [counted(passed, 'verdict')] : []),
    ...(held > 0 ? [counted(held, 'threshold')] : []),
  ].join(' and ');
  const rest = [
    ...(undecided > 0 ? [`${undecided} undecided`] : []),
    ...(leftOut > 0 ? [`${leftOut} did not arise`] : []),
  ];
  const text = [...(good === '' ? [] : [`${good} passed`]), ...rest].join(', ');
  if (text === '') return [];
  const mark = good === '' ? '– ' : '✓ ';
  return indented(`${text} (--full lists them)`, width, 2, mark).map((line) =>
    good === '' ? paint.quiet(line) : line.replace('✓', paint.good),
  );
}
