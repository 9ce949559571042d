import type { Evidence, Verdict, VerdictStatus } from '../../analysis/judging/verdict.ts';
import { formatMetric, percent, round } from '../format.ts';
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

/** Problems come first. */
const ORDER: readonly VerdictStatus[] = ['fail', 'warn', 'inconclusive', 'pass'];

/** Returns verdicts with evidence and advice; a passed verdict takes one line, and those that do not apply share one. */
export function verdictLines(
  { verdicts }: { readonly verdicts: readonly Verdict[] },
  paint: Paint,
  width: number,
  repeatHint = '--seeds 2',
): string[] {
  const notApplicable = verdicts.filter(({ status }) => status === 'not-applicable').map(({ id }) => id);
  const notApplicableLines =
    notApplicable.length === 0
      ? []
      : indented(`not applicable: ${notApplicable.join(', ')}`, width, 4, '– ').map(paint.quiet);
  const applicable = ORDER.flatMap((shown) => verdicts.filter(({ status }) => status === shown));
  const byReason = Map.groupBy(applicable, ({ status, reason }) => (status === 'inconclusive' ? reason : undefined));
  const groups = new Set(
    [...byReason.values()].filter(([first, , third]) => first?.status === 'inconclusive' && third),
  );
  return [
    ...applicable.flatMap((verdict) => {
      const group = [...groups].find((all) => all.includes(verdict));
      if (!group) return singleVerdict(verdict, paint, width, repeatHint);
      return group[0] === verdict ? inconclusiveGroup(group, paint, width) : [];
    }),
    ...notApplicableLines,
  ];
}

/** Returns several inconclusive verdicts with the same reason as one. */
function inconclusiveGroup(verdicts: readonly Verdict[], paint: Paint, width: number): string[] {
  const [{ reason, advice }] = verdicts as [Verdict];
  const [errors, others] = [true, false].map((counts) =>
    verdicts
      .filter(({ severity }) => (severity === 'error') === counts)
      .map(({ id }) => id)
      .join(', '),
  );
  const names = [errors, others && `${others} (does not fail the run)`].filter(Boolean).join('; ');
  return [
    ...indented(`inconclusive: ${names}`, width, 4, `${MARKS.inconclusive} `).map((line) =>
      line.replace('inconclusive', paint.doubt),
    ),
    ...indented(reason, width, 6),
    ...(advice === '' ? [] : indented(advice, width, 6, '→ ')),
  ];
}

function singleVerdict(verdict: Verdict, paint: Paint, width: number, repeatHint: string): string[] {
  const { id, status, severity, reason, advice, evidence } = verdict;
  const colour = colourOf(status, paint);
  const marked = (text: string): string[] =>
    indented(`${id}: ${text}`, width, 4, `${MARKS[status]} `).map((line) =>
      line.replace(`${MARKS[status]} ${id}`, colour).replace(`: ${status}`, () => `: ${colour(status)}`),
    );
  if (status === 'pass') return marked(reason);
  const counts = severity === 'error' ? '' : ' (does not fail the run)';
  return [
    ...marked(`${status}${formatVerdictFigure(verdict)}${counts}`),
    ...indented(reason, width, 6),
    ...evidenceLines(evidence, width),
    ...chanceText(verdict, repeatHint).flatMap((text) => indented(text, width, 6)),
    ...(advice === '' ? [] : indented(advice, width, 6, '→ ')),
  ];
}

/** Returns a note on whether a verdict decided by chance may be due to chance. */
function chanceText({ wouldFail, secondSeed }: Verdict, repeatHint: string): string[] {
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
export function formatVerdictFigure({ figure, unit, interval }: Verdict): string {
  if (figure === null) return '';
  const show = unit.startsWith('share') ? percent : round;
  const named = unit.startsWith('share') ? unit.slice('share'.length) : ` ${unit}`;
  const range = interval
    ? ` (${show(interval.low)} to ${show(interval.high)}, ${percent(interval.confidence)} confidence)`
    : '';
  return `, ${show(figure)}${named}${range}`;
}

function colourOf(status: VerdictStatus, paint: Paint): (text: string) => string {
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
