import { expect, it } from 'vitest';
import type { Finding, Judge, VerdictStatus } from '../../../../src/analysis/judging/verdict.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';

/** What happened, how it must be judged, and what the scenario says of the verdict's settings. */
export type Film = readonly [
  name: string,
  status: VerdictStatus,
  run: Run,
  written?: Readonly<Record<string, unknown>>,
];

/** Judges each film, and compares all that is said of it with the sheet that people have read: `sheets/<verdict>.txt`. */
export function expectSheet(judge: Judge, films: readonly Film[]): void {
  it(judge.id, async () => {
    const findings = films.map(([, , run, written = {}]) => judge.judge(run, written));
    expect(findings.map(({ status }, index) => `${films[index]![0]}: ${status}`)).toEqual(
      films.map(([name, status]) => `${name}: ${status}`),
    );
    const sheet = [judge.question, ...findings.map((finding, index) => shown(films[index]![0], finding))].join('\n\n');
    await expect(`${sheet}\n`).toMatchFileSnapshot(`sheets/${judge.id}.txt`);
  });
}

function shown(name: string, finding: Finding): string {
  const { status, figure, unit, interval, threshold, n, needed, reason, advice, evidence } = finding;
  const between = interval ? ` (${rounded(interval.low)} to ${rounded(interval.high)})` : '';
  return [
    `${name}: ${status}`,
    `  ${figure === null ? 'no figure' : `${rounded(figure)}${between} ${unit}`}; ${threshold}; ${n} seen, ${needed} needed`,
    `  ${reason}`,
    ...(advice === '' ? [] : [`  → ${advice}`]),
    ...evidence.map(
      ({ call, attempt, atUs, what }) => `  - ${atUs / 1000} ms, call ${call}, attempt ${attempt}: ${what}`,
    ),
  ].join('\n');
}

const rounded = (figure: number): string => String(Number(figure.toFixed(4)));
