import { describe, expect, it } from 'vitest';
import { allowanceOf, isBeyond, readAllowances } from '../../../src/comparison/allowance.ts';
import { figure } from './measured.ts';

const P95 = 'call_duration p(95)';
const own = (text: string, name: string) => readAllowances('5%', [text]).own.get(name);

/** What is wrong, as a list of `path: message (hint)`. */
function refusedFor(usual: string, allow: readonly string[]): string[] {
  try {
    readAllowances(usual, allow);
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { path: string; message: string; hint?: string }[] };
    expect(code).toBe('compare/bad-allowance');
    return problems.map(({ path, message, hint }) => `${path}: ${message}${hint ? ` (${hint})` : ''}`);
  }
  return [];
}

describe('what may be written', () => {
  it.each([
    ['call_duration p(95)=+5%', P95, { kind: 'share', value: 0.05, worse: 'more', text: '+5%' }],
    // A duration gets worse by more: the sign may be left out.
    ['call_duration p(95)=5%', P95, { kind: 'share', value: 0.05, worse: 'more', text: '+5%' }],
    // Measurements have milliseconds.
    ['call_duration p(95)=+200ms', P95, { kind: 'amount', value: 200, worse: 'more', text: '+200ms' }],
    ['call_duration p(95)=+1.5s', P95, { kind: 'amount', value: 1500, worse: 'more', text: '+1.5s' }],
    ['call_failed=+1pp', 'call_failed', { kind: 'amount', value: 0.01, worse: 'more', text: '+1pp' }],
    ['goodput=-0.1', 'goodput', { kind: 'amount', value: 0.1, worse: 'less', text: '-0.1' }],
    ['goodput=any', 'goodput', { kind: 'any', value: 0, worse: 'less', text: 'any' }],
    // No side is better: the sign says which is held against it.
    ['attempts=+10', 'attempts', { kind: 'amount', value: 10, worse: 'more', text: '+10' }],
    ['attempts=-10%', 'attempts', { kind: 'share', value: 0.1, worse: 'less', text: '-10%' }],
    ['prompt_tokens=+0%', 'prompt_tokens', { kind: 'share', value: 0, worse: 'more', text: '+0%' }],
  ])('%s', (text, name, allowance) => {
    expect(own(text, name)).toEqual(allowance);
  });
});

it('what may not be written: every problem at once', () => {
  expect(
    refusedFor('some', [
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
    '--allowance: cannot read "some": e.g. 5%',
    expect.stringMatching(/^--allow: "call_failed" must be figure=allowance, e\.g\. \+5%/),
    expect.stringMatching(/^--allow: there is no figure "call_faild"; .*\(did you mean "call_failed"\?\)$/),
    '--allow: call_failed: "+1" is no share: write per cent of it (5%) or points (1pp)',
    '--allow: call_duration p(95): "+3" is no duration such as 200ms',
    '--allow: goodput gets worse by less: write -5%',
    '--allow: attempts has no better side: write +5 or -5',
    expect.stringMatching(/^--allow: call_duration p\(95\): cannot read "soon", e\.g\. \+5%/),
    '--allow: attempts: "+5ms" is no number',
  ]);
});

describe('what a figure is allowed', () => {
  const usual = readAllowances('5%', ['calls=+1', 'goodput=-10%']);

  it.each([
    ['its own', 'goodput', '-10%'],
    ['the usual, upwards', 'call_failed', '+5%'],
    ['its own where no side is better', 'calls', '+1'],
    ['nothing held against it: no side is better', 'attempts', undefined],
    ['nothing held against it: it is a cost', 'prompt_tokens', undefined],
  ])('%s: %s', (_what, name, text) => {
    expect(allowanceOf(figure(name), usual)?.text).toBe(text);
  });

  it('the usual may be a part of a per cent', () => {
    expect(allowanceOf(figure('goodput'), readAllowances('0.1%', []))?.text).toBe('-0.1%');
  });
});

describe('beyond', () => {
  const share = { kind: 'share', value: 0.05, worse: 'more', text: '+5%' } as const;
  const amount = { kind: 'amount', value: 200, worse: 'more', text: '+200ms' } as const;
  const less = { kind: 'share', value: 0.05, worse: 'less', text: '-5%' } as const;

  it.each([
    ['five of a hundred are five', share, 100, 5, false],
    ['a hair more than five', share, 100, 5.001, true],
    ['better, by far', share, 100, -50, false],
    ['of nothing, no share is allowed', share, 0, 0.001, true],
    ['nothing of nothing', share, 0, 0, false],
    ['an amount, of nothing too', amount, 0, 200, false],
    ['more than the amount', amount, 1000, 201, true],
    ['less is worse', less, 100, -5.1, true],
    ['less is worse, and it is more', less, 100, 5.1, false],
    ['any', { ...share, kind: 'any', text: 'any' } as const, 1, 1e9, false],
    // 0.1 + 0.2 is a hair above 0.3 in binary.
    ['binary fractions', { ...amount, value: 0.3 }, 0, 0.1 + 0.2, false],
  ])('%s', (_what, allowance, base, change, beyond) => {
    expect(isBeyond(allowance, base, change)).toBe(beyond);
  });
});
