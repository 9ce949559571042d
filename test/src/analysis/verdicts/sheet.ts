import { expect, it } from 'vitest';
import type { Finding, Judge, VerdictStatus } from '../../../../src/analysis/judging/verdict.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';

/** A situation, the expected status, and the settings of the verdict. */
export type Film = readonly [
  name: string,
  status: VerdictStatus,
  run: Run,
  written?: Readonly<Record<string, unknown>>,
];

/**
 * Judges each film and compares the findings with two snapshots: `sheets/<verdict>.txt` holds the figures of every film,
 * `words/<verdict>.txt` every text once, with its numbers masked. Rewording a text changes only the latter.
 */
export function expectSheet(judge: Judge, films: readonly Film[]): void {
  it(judge.id, async () => {
    const findings = films.map(([, , run, written = {}]) => judge.judge(run, written));
    expect(findings.map(({ status }, index) => `${films[index]![0]}: ${status}`)).toEqual(
      films.map(([name, status]) => `${name}: ${status}`),
    );
    const facts = findings.map((finding, index) => formatFacts(films[index]![0], finding));
    await expect(`${facts.join('\n\n')}\n`).toMatchFileSnapshot(`sheets/${judge.id}.txt`);
    await expect(formatWords(judge, findings)).toMatchFileSnapshot(`words/${judge.id}.txt`);
  });
}

function formatFacts(name: string, finding: Finding): string {
  const { status, figure, interval, threshold, n, needed, reason, evidence } = finding;
  const range = interval ? ` (${rounded(interval.low)} to ${rounded(interval.high)})` : '';
  return [
    `${name}: ${status}`,
    `  figure ${figure === null ? 'none' : `${rounded(figure)}${range}`}, n ${n}, needed ${needed}`,
    `  bounds: ${numbersIn(threshold)}`,
    `  reason: ${numbersIn(reason)}`,
    ...evidence.map(
      ({ call, attempt, atUs, what }) => `  - ${atUs / 1000} ms, call ${call}, attempt ${attempt}: ${numbersIn(what)}`,
    ),
  ].join('\n');
}

/** The texts of all findings by status, each once. */
function formatWords({ question }: Judge, findings: readonly Finding[]): string {
  const bounds = findings.map(({ threshold, unit }) => `bounds: ${mask(threshold)}; unit: ${unit}`);
  const byStatus = [...Map.groupBy(findings, ({ status }) => status)].map(([status, own]) => [
    `${status}`,
    ...indented(
      '  ',
      own.map(({ reason }) => mask(reason)),
    ),
    ...indented(
      '  → ',
      own.map(({ advice }) => advice),
    ),
    ...indented(
      '  - ',
      own.flatMap(({ evidence }) => evidence.map(({ what }) => mask(what))),
    ),
  ]);
  return `${[[question, ...new Set(bounds)], ...byStatus].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const indented = (mark: string, texts: readonly string[]): string[] =>
  [...new Set(texts)].filter((text) => text !== '').map((text) => `${mark}${text}`);

const DURATION = String.raw`(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d)(?![a-z]))+`;
const QUANTITY = new RegExp(String.raw`${DURATION}|\d+(?:\.\d+)?`, 'g');

const mask = (text: string): string =>
  text.replace(QUANTITY, (quantity) => (/[a-z]/.test(quantity) ? '<duration>' : '<n>'));

/** The numbers and durations of a text, in ascending order so that they do not depend on the order of its words. */
function numbersIn(text: string): string {
  const numbers = (text.match(QUANTITY) ?? []).toSorted(
    (a, b) => Number.parseFloat(a) - Number.parseFloat(b) || (a < b ? -1 : 1),
  );
  return numbers.length === 0 ? 'no numbers' : numbers.join(' ');
}

const rounded = (figure: number): string => String(Number(figure.toFixed(4)));
