import { describe, expect, it } from 'vitest';
import type { VerdictId } from '../../../../src/analysis/judging/judge-run.ts';
import { needsSecondSeed, withSecondSeed } from '../../../../src/analysis/judging/second-seed.ts';
import type { Verdict } from '../../../../src/analysis/judging/verdict.ts';

function verdict(id: VerdictId, rest: Partial<Verdict>): Verdict {
  return {
    id,
    question: '?',
    severity: 'error',
    severitySource: 'default',
    status: 'pass',
    figure: 1,
    unit: 'times',
    threshold: 'fail > 1',
    n: 5,
    needed: 5,
    reason: 'It is so.',
    advice: '',
    evidence: [],
    ...rest,
  };
}

const chance = () => verdict('no-jitter', { status: 'warn', wouldFail: true });
const sure = verdict('ignores-retry-after', { status: 'fail' });
const mild = verdict('over-waits', { severity: 'warn', status: 'warn', wouldFail: true });

describe('a second seed', () => {
  it.each([
    ['a statistical error', [sure, chance()], true],
    ['a certain error', [sure], false],
    ['a verdict of severity warn', [mild], false],
    ['a passing verdict', [verdict('no-jitter', { status: 'pass' })], false],
  ])('is needed for %s: %#', (_name, verdicts, needed) => {
    expect(needsSecondSeed(verdicts)).toBe(needed);
  });

  it.each([
    ['fails if the second seed agrees', chance(), 'fail', true],
    ['warns as before if it does not', verdict('no-jitter', { status: 'pass' }), 'warn', false],
    ['a warning does not count as agreement', verdict('no-jitter', { status: 'warn' }), 'warn', false],
  ])('%s', (_name, second, status, agrees) => {
    const first = { seed: 1, verdicts: [sure, chance(), mild] };
    const combined = withSecondSeed(first, { seed: 2, verdicts: [sure, second, mild] });
    expect(combined).toEqual([sure, { ...chance(), status, secondSeed: { seed: 2, agrees } }, mild]);
  });
});
