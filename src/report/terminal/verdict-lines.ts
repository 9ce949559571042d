import type { Analysis } from '../../analysis/analysis.ts';
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

/** How much proof fits on a screen; the JSON summary has all of it. */
const EVIDENCE_SHOWN = 3;

/** What is wrong comes first. */
const ORDER: readonly VerdictStatus[] = ['fail', 'warn', 'inconclusive', 'pass'];

/** Each verdict: how it went, what proves it, and what to change; what passed in a line, what never arose in one for all. */
export function verdictLines(
  { verdicts }: Pick<Analysis, 'verdicts'>,
  paint: Paint,
  width: number,
  seeds = '--seeds 2',
): string[] {
  const rest = verdicts.filter(({ status }) => status === 'not-applicable').map(({ id }) => id);
  const silent =
    rest.length === 0 ? [] : indented(`not applicable: ${rest.join(', ')}`, width, 4, '– ').map(paint.quiet);
  const arose = ORDER.flatMap((wanted) => verdicts.filter(({ status }) => status === wanted));
  const alike = Map.groupBy(arose, ({ status, reason }) => (status === 'inconclusive' ? reason : undefined));
  const together = new Set([...alike.values()].filter(([first, , third]) => first?.status === 'inconclusive' && third));
  return [
    ...arose.flatMap((verdict) => {
      const group = [...together].find((all) => all.includes(verdict));
      if (!group) return oneVerdict(verdict, paint, width, seeds);
      return group[0] === verdict ? undecided(group, paint, width) : [];
    }),
    ...silent,
  ];
}

/** Several that could not be decided for one and the same reason. */
function undecided(verdicts: readonly Verdict[], paint: Paint, width: number): string[] {
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

function oneVerdict(verdict: Verdict, paint: Paint, width: number, seeds: string): string[] {
  const { id, status, severity, reason, advice, evidence } = verdict;
  const colour = colourOf(status, paint);
  const marked = (text: string): string[] =>
    indented(`${id}: ${text}`, width, 4, `${MARKS[status]} `).map((line) =>
      line.replace(`${MARKS[status]} ${id}`, colour).replace(`: ${status}`, () => `: ${colour(status)}`),
    );
  if (status === 'pass') return marked(reason);
  const counts = severity === 'error' ? '' : ' (does not fail the run)';
  return [
    ...marked(`${status}${figureOf(verdict)}${counts}`),
    ...indented(reason, width, 6),
    ...evidenceLines(evidence, width),
    ...chanceText(verdict, seeds).flatMap((text) => indented(text, width, 6)),
    ...(advice === '' ? [] : indented(advice, width, 6, '→ ')),
  ];
}

/** What is known of chance, where a verdict rests on it. */
function chanceText({ wouldFail, secondSeed }: Verdict, seeds: string): string[] {
  if (secondSeed) {
    const said = secondSeed.agrees ? 'says the same: this is no chance' : 'does not say so: this may be chance';
    return [`The run was repeated with seed ${secondSeed.seed}, which ${said}.`];
  }
  return wouldFail ? [`One run is no proof of this: it fails where a second seed agrees (${seeds}).`] : [];
}

/** The clearest of the proof: which attempt of which call, when, and what it did. */
export function evidenceLines(evidence: readonly Evidence[], width: number): string[] {
  return evidence.slice(0, EVIDENCE_SHOWN).flatMap((one) => indented(evidenceText(one), width, 8));
}

export function evidenceText(one: Evidence): string {
  return `${placeOf(one)} at ${formatMetric(one.atUs)}: ${one.what}`;
}

function placeOf({ call, attempt }: Evidence): string {
  const place = call === null ? 'no call' : `call ${call}`;
  return attempt === null ? place : `${place}, attempt ${attempt}`;
}

/** The figure in its unit, and where it is a statistic, the interval that it lies in. */
export function figureOf({ figure, unit, interval }: Verdict): string {
  if (figure === null) return '';
  const show = unit.startsWith('share') ? percent : round;
  const named = unit.startsWith('share') ? unit.slice('share'.length) : ` ${unit}`;
  const sure = interval
    ? ` (${show(interval.low)} to ${show(interval.high)}, ${percent(interval.confidence)} sure)`
    : '';
  return `, ${show(figure)}${named}${sure}`;
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
