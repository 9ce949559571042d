import type { Analysis } from '../analysis/analysis.ts';
import type { Verdict, VerdictStatus } from '../analysis/verdict.ts';
import { formatMetric, percent, round } from './format.ts';
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

/** Each verdict: what was asked, how it went, what proves it, and what to change; what never arose in one line. */
export function verdictLines({ verdicts }: Analysis, paint: Paint, width: number): string[] {
  const arose = verdicts.filter(({ status }) => status !== 'not-applicable');
  const rest = verdicts.filter(({ status }) => status === 'not-applicable').map(({ id }) => id);
  const silent =
    rest.length === 0 ? [] : indented(`not applicable: ${rest.join(', ')}`, width, 4, '– ').map(paint.quiet);
  return [...arose.flatMap((verdict) => oneVerdict(verdict, paint, width)), ...silent];
}

function oneVerdict(verdict: Verdict, paint: Paint, width: number): string[] {
  const { id, status, severity, reason, advice, evidence } = verdict;
  const colour = colourOf(status, paint);
  const counts =
    severity === 'error' || status === 'pass' || status === 'not-applicable' ? '' : ' (does not fail the run)';
  const shown = status === 'fail' || status === 'warn' ? evidence.slice(0, EVIDENCE_SHOWN) : [];
  return [
    `    ${colour(`${MARKS[status]} ${id}`)}: ${colour(status)}${figureOf(verdict)}${paint.quiet(counts)}`,
    ...indented(reason, width, 6),
    ...shown.flatMap(({ call, attempt, atUs, what }) =>
      indented(`${callName(call)}, attempt ${attempt} at ${formatMetric(atUs)}: ${what}`, width, 8),
    ),
    ...(advice === '' ? [] : indented(advice, width, 6, '→ ')),
  ];
}

const callName = (call: number | null): string => (call === null ? 'no call' : `call ${call}`);

function figureOf({ figure, unit }: Verdict): string {
  if (figure === null) return '';
  return unit.startsWith('share') ? `, ${percent(figure)}${unit.slice('share'.length)}` : `, ${round(figure)} ${unit}`;
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
