import type { BaselineComparison } from '../check/check-baseline.ts';
import { foundText, type RowResult, type RowVerdict } from '../check/judge-row.ts';
import type { Check } from './checks.ts';
import { evidenceText } from './terminal/verdict-lines.ts';

const OUTCOMES: Readonly<Record<RowVerdict, Check['outcome']>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warned',
  undecided: 'undecided',
  'not-applicable': 'not-applicable',
};

/** Returns the rows of a check for CI systems. With a baseline, only rows that got worse or are new fail. */
export function rowChecks(rows: readonly RowResult[], comparison?: BaselineComparison): Check[] {
  const failing = comparison && new Set([...comparison.worse.map(({ id }) => id), ...comparison.unknown]);
  return rows.map((row) => {
    const { id, verdict, situation, did, also = [], act, evidence } = row;
    return {
      kind: 'row',
      name: id,
      outcome: OUTCOMES[verdict],
      failsRun: failing ? failing.has(id) : verdict === 'fail',
      message: [`${situation}: ${did}.`, foundText(row), ...also.map((other) => `Also ${other}`)].join(' ').trim(),
      evidence: evidence.map(evidenceText),
      advice: act,
      path: [],
    };
  });
}
