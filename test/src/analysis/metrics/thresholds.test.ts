import { describe, expect, it } from 'vitest';
import {
  compareWithBound,
  parseExpression,
  parseSelector,
} from '../../../../src/analysis/metrics/threshold-expression.ts';
import { evaluateThresholds, findThresholdProblems } from '../../../../src/analysis/metrics/thresholds.ts';
import { runOf, strip } from '../strip.ts';

const setting = (metric: string, expression: string) => ({
  metric,
  expression,
  abortOnFail: false,
  delayAbortEvalUs: 0,
});

describe('parseExpression', () => {
  it.each([
    ['p(95)<20s', { name: 'p', percent: 95 }, '<', { kind: 'duration', value: 20_000_000 }],
    ['  p(99.95) >= 1m30s ', { name: 'p', percent: 99.95 }, '>=', { kind: 'duration', value: 90_000_000 }],
    ['p(100)<=250ms', { name: 'p', percent: 100 }, '<=', { kind: 'duration', value: 250_000 }],
    ['p99<1500', { name: 'p', percent: 99 }, '<', { kind: 'number', value: 1500 }],
    ['rate<1%', { name: 'rate' }, '<', { kind: 'share', value: 0.01 }],
    ['rate<12.25%', { name: 'rate' }, '<', { kind: 'share', value: 0.1225 }],
    ['avg>-1.25', { name: 'avg' }, '>', { kind: 'number', value: -1.25 }],
    ['count===0', { name: 'count' }, '===', { kind: 'number', value: 0 }],
    ['value!=2', { name: 'value' }, '!=', { kind: 'number', value: 2 }],
  ])('%s', (text, aggregation, operator, bound) => {
    expect(parseExpression(text)).toEqual({ aggregation, operator, bound });
  });

  it.each([
    'p(95)<5x%',
    'rate<%',
    'rate<1%%',
    'rate<x1%',
    'avg<1.2.3',
    'avg<1.',
    'p(100.1)<5',
    'avg<5 s',
    '',
    'x avg<5',
  ])('rejects "%s"', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });

  it.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
    ['==', [false, true, false]],
    ['===', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('one, two and three %s two: %j', (operator, expected) => {
    expect([1, 2, 3].map((observed) => compareWithBound(observed, operator, 2))).toEqual(expected);
  });
});

describe('parseSelector', () => {
  it.each([
    ['calls', { metric: 'calls', tags: {} }],
    [' calls ', { metric: 'calls', tags: {} }],
    ['calls{result:ok}', { metric: 'calls', tags: { result: 'ok' } }],
    ['calls{ result : ok , load : a:b }', { metric: 'calls', tags: { result: 'ok', load: 'a:b' } }],
  ])('%s', (text, expected) => {
    expect(parseSelector(text)).toEqual(expected);
  });

  it.each(['', 'calls{', 'calls{}', 'calls{result}', 'calls{:ok}', 'calls{result:}', 'calls{result: }', 'calls{ :ok}'])(
    'rejects "%s"',
    (text) => {
      expect(parseSelector(text)).toBeUndefined();
    },
  );

  it.each(['calls{result:ok}x', 'x calls', 'calls{a:b}{c:d}'])('rejects "%s"', (text) => {
    expect(parseSelector(text)).toBeUndefined();
  });
});

describe('findThresholdProblems', () => {
  it.each<[string, string, string, string?]>([
    ['calls', 'p(95)<5', 'calls is a counter: use count, rate, not p'],
    ['call_duration', 'rate<5', 'call_duration is a trend: use avg, min, max, med, p(N), not rate'],
    ['call_failed', 'avg<5', 'call_failed is a rate: use rate, not avg'],
    ['goodput', 'rate>5', 'goodput is a gauge: use value, not rate'],
    ['call_failed', 'rate<5s', 'call_failed is not a duration'],
    ['attempts_per_call', 'max<5s', 'attempts_per_call is not a duration'],
    ['calls', 'count<5s', 'calls is not a duration'],
    ['call_duration', 'avg<5%', 'call_duration is not a share'],
    ['calls', 'count<5%', 'calls is not a share'],
    [
      'call_failed',
      'rate < much',
      'cannot read "rate < much"',
      'aggregation operator bound, e.g. p(95)<20s, rate<1%, count<100',
    ],
    [
      'calls{colour:red}',
      'count>1',
      'calls does not have the tag colour; its tags are result, status, code, error, load, client, replica',
    ],
    [
      'attempts{colour:red,result:ok}',
      'count>1',
      'attempts does not have the tag colour, result; its tags are limit, status, model, ending, client, replica',
    ],
    ['retry_wait{result:ok}', 'avg<1s', 'retry_wait does not have the tag result; it has no tags'],
  ])('%s: %s: %s', (metric, expression, message, hint) => {
    expect(findThresholdProblems([setting(metric, expression)])).toEqual([
      { path: `thresholds.${metric}[0]`, message, ...(hint && { hint }) },
    ]);
  });

  it('reports an unknown metric and suggests a similar name', () => {
    const [problem] = findThresholdProblems([setting('call_duratoin', 'avg<5s')]);
    expect(problem).toMatchObject({ path: 'thresholds.call_duratoin[0]', hint: 'did you mean "call_duration"?' });
    expect(problem!.message).toBe('unknown metric call_duratoin');
    expect(findThresholdProblems([setting('xyz{', 'avg<5s')])[0]).toMatchObject({ path: 'thresholds.xyz{[0]' });
  });

  it.each(['constructor', 'toString', '__proto__'])('rejects the property name %s', (metric) => {
    expect(findThresholdProblems([setting(metric, 'count<5')])[0]!.message).toMatch(
      `unknown metric ${metric}; metrics are`,
    );
  });

  it('reports every problem with its index within the metric', () => {
    const settings = [
      setting('calls', 'count>1'),
      setting('calls', 'p(9)>1'),
      setting('call_failed', 'avg>1'),
      setting('calls', 'avg>1'),
    ];
    expect(findThresholdProblems(settings).map(({ path }) => path)).toEqual([
      'thresholds.calls[1]',
      'thresholds.call_failed[0]',
      'thresholds.calls[2]',
    ]);
  });

  it('returns nothing for valid thresholds', () => {
    const valid = [
      setting('call_duration', 'p(95)<20s'),
      setting('call_duration{result:ok}', 'avg<500'),
      setting('call_failed', 'rate<1%'),
      setting('calls', 'rate>5'),
      setting('goodput', 'value>=1'),
      setting('attempts_per_call', 'max<=3'),
      setting('retry_wait', 'med>1s'),
    ];
    expect(findThresholdProblems(valid)).toEqual([]);
  });
});

describe('evaluateThresholds', () => {
  /** Two calls: a needs two attempts and 1.2 s, b one and 100 ms. */
  const run = runOf(strip('a.1 0-10 429 ra=1000\na.2 1010-1200 200\nb.1 100-200 200'), { endMs: 2000 });
  const judged = (metric: string, expression: string) => evaluateThresholds(run, [setting(metric, expression)])[0];

  it.each([
    ['call_duration', 'min<=100', true, 100_000, 2],
    ['call_duration', 'max<1200', false, 1_200_000, 2],
    ['attempt_duration', 'max<190', false, 190_000, 3],
    ['attempts_per_call', 'max<=2', true, 2, 2],
    ['attempts_per_call', 'max<2', false, 2, 2],
    ['attempts', 'count>=3', true, 3, 3],
    ['attempts', 'rate<1.6', true, 1.5, 3],
    ['attempts{status:500}', 'count<1', true, 0, 1],
    ['call_failed', 'rate<1%', true, 0, 2],
    ['goodput', 'value>=1', true, 1, 2],
    ['retry_amplification', 'value>1.5', false, 1.5, 2],
  ])('%s %s: %s', (metric, expression, ok, observed, samples) => {
    expect(judged(metric, expression)).toEqual({ metric, expression, ok, observed, samples });
  });

  it.each(['call_failed', 'call_duration', 'attempts_per_call'])('%s of open calls has no samples', (metric) => {
    const open = runOf(strip('a.1 0-10 429\n=> a open'));
    const expression = metric === 'call_failed' ? 'rate<1' : 'max<5';
    expect(evaluateThresholds(open, [setting(metric, expression)])).toEqual([
      { metric, expression, ok: false, observed: null, samples: 0 },
    ]);
  });
});
