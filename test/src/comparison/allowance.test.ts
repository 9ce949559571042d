import { describe, expect, it } from 'vitest';
import { exceedsAllowance, findAllowance, parseAllowances } from '../../../src/comparison/allowance.ts';
import { figure } from './test-measurement.ts';

const P95 = 'call_duration p(95)';
const own = (text: string, name: string) => parseAllowances('5%', [text]).byFigure.get(name);

/** Returns the problems as `path: message (hint)`. */
function parseProblems(defaultText: string, allow: readonly string[]): string[] {
  try {
    parseAllowances(defaultText, allow);
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { path: string; message: string; hint?: string }[] };
    expect(code).toBe('compare/bad-allowance');
    return problems.map(({ path, message, hint }) => `${path}: ${message}${hint ? ` (${hint})` : ''}`);
  }
  return [];
}

describe('parseAllowances', () => {
  it.each([
    ['call_duration p(95)=+5%', P95, { kind: 'share', value: 0.05, worse: 'more', text: '+5%' }],
    // A duration gets worse when it rises: the sign is optional.
    ['call_duration p(95)=5%', P95, { kind: 'share', value: 0.05, worse: 'more', text: '+5%' }],
    // Measurements are in milliseconds.
    ['call_duration p(95)=+200ms', P95, { kind: 'amount', value: 200, worse: 'more', text: '+200ms' }],
    ['call_duration p(95)=+1.5s', P95, { kind: 'amount', value: 1500, worse: 'more', text: '+1.5s' }],
    ['call_failed=+1pp', 'call_failed', { kind: 'amount', value: 0.01, worse: 'more', text: '+1pp' }],
    ['goodput=-0.1', 'goodput', { kind: 'amount', value: 0.1, worse: 'less', text: '-0.1' }],
    ['goodput=any', 'goodput', { kind: 'any', value: 0, worse: 'less', text: 'any' }],
    // Without a better direction, the sign is required.
    ['attempts=+10', 'attempts', { kind: 'amount', value: 10, worse: 'more', text: '+10' }],
    ['attempts=-10%', 'attempts', { kind: 'share', value: 0.1, worse: 'less', text: '-10%' }],
    ['prompt_tokens=+0%', 'prompt_tokens', { kind: 'share', value: 0, worse: 'more', text: '+0%' }],
  ])('%s', (text, name, allowance) => {
    expect(own(text, name)).toEqual(allowance);
  });
});

it('parseAllowances throws every problem at once', () => {
  expect(
    parseProblems('some', [
      'call_failed',
      'call_faild=+1pp',
      'call_failed=+1',
      'call_duration p(95)=+3',
      'goodput=+5%',
      'attempts=5',
      'call_duration p(95)=soon',
      'attempts=+5ms',
    ]),
  ).toEqual([
    '--allowance: cannot parse "some", e.g. 5%',
    expect.stringMatching(/^--allow: "call_failed" must be figure=allowance, e\.g\. \+5%/),
    '--allow: unknown figure "call_faild" (did you mean "call_failed"?)',
    '--allow: call_failed: "+1" is not a valid share: write a percentage of it (5%) or percentage points (1pp)',
    '--allow: call_duration p(95): "+3" is not a valid duration, e.g. 200ms',
    '--allow: goodput gets worse when it falls: write -5%',
    '--allow: attempts has no better direction: write +5 or -5',
    expect.stringMatching(/^--allow: call_duration p\(95\): cannot parse "soon", e\.g\. \+5%/),
    '--allow: attempts: "+5ms" is not a valid number',
  ]);
});

describe('findAllowance', () => {
  const allowances = parseAllowances('5%', ['calls=+1', 'goodput=-10%']);

  it.each([
    ['own allowance', 'goodput', '-10%'],
    ['default, rising', 'call_failed', '+5%'],
    ['own allowance without a better direction', 'calls', '+1'],
    ['none: no better direction', 'attempts', undefined],
    ['none: a cost', 'prompt_tokens', undefined],
  ])('%s: %s', (_what, name, text) => {
    expect(findAllowance(figure(name), allowances)?.text).toBe(text);
  });

  it('the default may be a fraction of a percent', () => {
    expect(findAllowance(figure('goodput'), parseAllowances('0.1%', []))?.text).toBe('-0.1%');
  });
});

describe('exceedsAllowance', () => {
  const share = { kind: 'share', value: 0.05, worse: 'more', text: '+5%' } as const;
  const amount = { kind: 'amount', value: 200, worse: 'more', text: '+200ms' } as const;
  const less = { kind: 'share', value: 0.05, worse: 'less', text: '-5%' } as const;

  it.each([
    ['exactly 5 % of 100', share, 100, 5, false],
    ['slightly more than 5 %', share, 100, 5.001, true],
    ['much better', share, 100, -50, false],
    ['a share of 0 allows no change', share, 0, 0.001, true],
    ['no change from 0', share, 0, 0, false],
    ['an amount from 0', amount, 0, 200, false],
    ['more than the amount', amount, 1000, 201, true],
    ['less is worse', less, 100, -5.1, true],
    ['less is worse, but it rises', less, 100, 5.1, false],
    ['any', { ...share, kind: 'any', text: 'any' } as const, 1, 1e9, false],
    // 0.1 + 0.2 is slightly above 0.3 in binary.
    ['binary fractions', { ...amount, value: 0.3 }, 0, 0.1 + 0.2, false],
  ])('%s', (_what, allowance, base, change, beyond) => {
    expect(exceedsAllowance(allowance, base, change)).toBe(beyond);
  });
});
