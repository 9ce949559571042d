import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictStatus } from '../../../../src/analysis/judging/verdict.ts';
import { paintFor } from '../../../../src/report/terminal/paint.ts';
import { verdictLines } from '../../../../src/report/terminal/verdict-lines.ts';

function verdict(id: string, status: VerdictStatus, more: Partial<Verdict> = {}): Verdict {
  const base = {
    id,
    status,
    severity: 'error',
    severitySource: 'default',
    reason: `because of ${id}`,
    advice: `mend ${id}`,
  };
  return { ...base, figure: null, unit: 'share', interval: null, evidence: [], ...more } as unknown as Verdict;
}

const lines = (verdicts: Verdict[], full = false): string[] =>
  verdictLines({ verdicts }, paintFor(false), 200, { full });

const UNDECIDED = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => verdict(id, 'inconclusive'));

describe('undecided verdicts do not surround the one that matters', () => {
  it('beside one that fails they share a line', () => {
    const shown = lines([...UNDECIDED.slice(0, 4), verdict('bad', 'fail'), ...UNDECIDED.slice(4)]);
    expect(shown.filter((line) => line.includes('because of'))).toEqual(['      because of bad']);
    expect(shown.filter((line) => line.includes('?'))).toEqual([
      '    ? undecided (--full says why): a, b, c, d, e, f, g',
    ]);
  });

  it('what some of them have found so far stays', () => {
    const found = verdict('h', 'inconclusive', { figure: 0.5 });
    const shown = lines([verdict('bad', 'fail'), ...UNDECIDED, found]);
    expect(shown.filter((line) => line.includes('because of'))).toEqual(['      because of bad', '      because of h']);
  });

  it('alone, three reasons are shown and the rest named', () => {
    const shown = lines(UNDECIDED);
    expect(shown.filter((line) => line.includes('because of'))).toHaveLength(3);
    expect(shown).toContain('    ? undecided (--full says why): d, e, f, g');
  });

  it('with --full each is shown', () => {
    const shown = lines([verdict('bad', 'fail'), ...UNDECIDED], true);
    expect(shown.filter((line) => line.includes('because of'))).toHaveLength(8);
    expect(shown.some((line) => line.includes('--full'))).toBe(false);
  });
});
