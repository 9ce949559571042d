import type { Evidence, Verdict, VerdictStatus } from '../../analysis/judging/verdict.ts';
import { formatMetric, percent, round, unitAfter } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

const MARKS: Readonly<Record<VerdictStatus, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  inconclusive: '?',
  'not-applicable': '–',
};

/** Evidence lines per verdict; the JSON summary has all of them. */
const EVIDENCE_SHOWN = 3;

/** Reasons of undecided verdicts that are shown; other verdicts are only named. */
const UNDECIDED_SHOWN = 3;

/** Problems come first. */
const ORDER: readonly VerdictStatus[] = ['fail', 'warn', 'inconclusive', 'pass'];

interface VerdictLinesOptions {
  /** Every verdict with its text. Otherwise verdicts that passed share a line, and undecided ones have no advice. */
  readonly full: boolean;
  /** How to repeat the run to rule out chance. */
  readonly repeatHint?: string | undefined;
}

/**
 * Returns what is wrong, with evidence and advice, then what could not be decided, in few lines; a verdict that the scenario
 * requires and that was not decided is wrong. Verdicts that passed and those that do not apply take one line each in total, unless `full` is set.
 */
export function verdictLines(
  { verdicts }: { readonly verdicts: readonly Verdict[] },
  paint: Paint,
  width: number,
  { full, repeatHint = '--seeds 2' }: VerdictLinesOptions,
): string[] {
  const missing = verdicts.filter(isMissing);
  const others = verdicts.filter((verdict) => !isMissing(verdict));
  const withStatus = (status: VerdictStatus): Verdict[] => others.filter((verdict) => verdict.status === status);
  const undecided = withStatus('inconclusive');
  const hasProblem = missing.length + withStatus('fail').length + withStatus('warn').length > 0;
  const folded = full ? [] : foldedAway(undecided, hasProblem);
  const shown = ORDER.filter((status) => full || status !== 'pass')
    .flatMap(withStatus)
    .filter((verdict) => !folded.includes(verdict));
  const passed = full ? [] : withStatus('pass');
  const byReason = Map.groupBy(shown, ({ status, reason }) => (status === 'inconclusive' ? reason : undefined));
  const groups = new Set(
    [...byReason.values()].filter(([first, , third]) => first?.status === 'inconclusive' && third),
  );
  return [
    ...missing.flatMap((verdict) => missingVerdict(verdict, paint, width)),
    ...shown.flatMap((verdict) => {
      const group = [...groups].find((all) => all.includes(verdict));
      if (!group) return singleVerdict(verdict, paint, width, { full, repeatHint });
      return group[0] === verdict ? inconclusiveGroup(group, paint, width, full) : [];
    }),
    ...nameLines(`${MARKS.inconclusive} `, 'undecided (--full says why)', folded, width).map((line) =>
      line.replace('undecided', paint.doubt),
    ),
    ...nameLines('✓ ', 'passed', passed, width).map((line) => line.replace('✓ passed', paint.good)),
    ...nameLines('– ', 'not applicable', withStatus('not-applicable'), width).map(paint.quiet),
  ];
}

/**
 * Returns the undecided verdicts that are only named, so that they do not surround the one that matters. What some of them have
 * found so far stays; beside a verdict that fails or warns, nothing else does.
 */
function foldedAway(undecided: readonly Verdict[], hasProblem: boolean): readonly Verdict[] {
  const found = undecided.filter(({ figure, evidence }) => figure !== null || evidence.length > 0);
  const ranked = hasProblem ? found : [...found, ...undecided];
  const reasons = [...new Set(ranked.map(({ reason }) => reason))].slice(0, UNDECIDED_SHOWN);
  return undecided.filter(({ reason }) => !reasons.includes(reason));
}

/** Whether the scenario requires a verdict that was not decided. */
function isMissing({ severity, severitySource, status }: Verdict): boolean {
  const undecided = status === 'inconclusive' || status === 'not-applicable';
  return undecided && severity === 'error' && severitySource === 'scenario';
}

function nameLines(mark: string, title: string, verdicts: readonly Verdict[], width: number): string[] {
  if (verdicts.length === 0) return [];
  return indented(`${title}: ${verdicts.map(({ id }) => id).join(', ')}`, width, 4, mark);
}

/** Returns a required verdict that was not decided: why, what was seen, and which change makes its situation arise. */
function missingVerdict(verdict: Verdict, paint: Paint, width: number): string[] {
  const { id, status, reason, advice, evidence } = verdict;
  const what = status === 'inconclusive' ? 'not decided' : 'its situation did not arise';
  const head = `${id}: ${what}${formatVerdictFigure(verdict)}, but the scenario requires it`;
  return [
    ...indented(head, width, 4, '✗ ').map((line) => line.replace(`✗ ${id}`, paint.bad)),
    ...indented(reason, width, 6),
    ...evidenceLines(evidence, width),
    ...(advice === '' ? [] : indented(advice, width, 6, '→ ')),
  ];
}

/** Returns several inconclusive verdicts with the same reason as one. */
function inconclusiveGroup(verdicts: readonly Verdict[], paint: Paint, width: number, full: boolean): string[] {
  const [{ reason, advice }] = verdicts as [Verdict];
  const names = verdicts.map(({ id }) => id).join(', ');
  return [
    ...indented(`inconclusive: ${names}`, width, 4, `${MARKS.inconclusive} `).map((line) =>
      line.replace('inconclusive', paint.doubt),
    ),
    ...indented(reason, width, 6),
    ...(full && advice !== '' ? indented(advice, width, 6, '→ ') : []),
  ];
}

/** Returns the status as it counts: only a verdict of severity `error` fails the run, so only such a one is marked so. */
export function shownStatus({ status, severity }: Pick<Verdict, 'status' | 'severity'>): VerdictStatus {
  return status === 'fail' && severity !== 'error' ? 'warn' : status;
}

function singleVerdict(
  verdict: Verdict,
  paint: Paint,
  width: number,
  { full, repeatHint }: { readonly full: boolean; readonly repeatHint: string },
): string[] {
  const { id, reason, advice, evidence } = verdict;
  const status = shownStatus(verdict);
  const colour = colourOf(status, paint);
  const marked = (text: string): string[] =>
    indented(`${id}: ${text}`, width, 4, `${MARKS[status]} `).map((line) =>
      line.replace(`${MARKS[status]} ${id}`, colour).replace(`: ${status}`, () => `: ${colour(status)}`),
    );
  if (status === 'pass') return marked(reason);
  const hasAdvice = advice !== '' && (full || status !== 'inconclusive');
  return [
    ...marked(`${status}${formatVerdictFigure(verdict)}`),
    ...indented(reason, width, 6),
    ...evidenceLines(evidence, width),
    ...chanceText(verdict, repeatHint).flatMap((text) => indented(text, width, 6)),
    ...(hasAdvice ? indented(advice, width, 6, '→ ') : []),
  ];
}

/** Returns a note on whether a verdict decided by chance may be due to chance. */
export function chanceText({ wouldFail, secondSeed }: Verdict, repeatHint: string): string[] {
  if (secondSeed) {
    const outcome = secondSeed.agrees
      ? 'same result, so this is not chance'
      : 'a different result, so this may be chance';
    return [`Repeated with seed ${secondSeed.seed}: ${outcome}.`];
  }
  return wouldFail ? [`One run does not prove this: it fails if a second seed agrees (${repeatHint}).`] : [];
}

/** Returns the first evidence lines: call, try, time, and what happened. */
export function evidenceLines(evidence: readonly Evidence[], width: number): string[] {
  return evidence.slice(0, EVIDENCE_SHOWN).flatMap((item) => indented(evidenceText(item), width, 8));
}

export function evidenceText(evidence: Evidence): string {
  return `${formatPlace(evidence)} at ${formatMetric(evidence.atUs)}: ${evidence.what}`;
}

function formatPlace({ call, number }: Evidence): string {
  if (call === null) return 'no call';
  return number === undefined ? `call ${call}` : `call ${call}, try ${number}`;
}

/** Formats the figure of a verdict in its unit, with the confidence interval of a statistic. */
export function formatVerdictFigure({ figure, unit, interval }: Pick<Verdict, 'figure' | 'unit' | 'interval'>): string {
  if (figure === null) return '';
  const show = unit.startsWith('share') ? percent : round;
  const named = unit.startsWith('share') ? unit.slice('share'.length) : ` ${unitAfter(show(figure), unit)}`;
  const range = interval
    ? ` (${show(interval.low)} to ${show(interval.high)}, ${percent(interval.confidence)} confidence)`
    : '';
  return `, ${show(figure)}${named}${range}`;
}

/** Returns how a status is painted; `undecided` is what rows of a check say for `inconclusive`. */
export function colourOf(status: VerdictStatus | 'undecided', paint: Paint): (text: string) => string {
  switch (status) {
    case 'pass':
      return paint.good;
    case 'fail':
      return paint.bad;
    case 'not-applicable':
      return paint.quiet;
    default:
      return paint.doubt;
  }
}
