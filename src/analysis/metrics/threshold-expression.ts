import { parseDuration } from '../../../mock-server/quantity.ts';

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!=';

/** A k6 aggregation; for `p`, with the percentile. */
export type Aggregation =
  | { readonly name: 'avg' | 'min' | 'max' | 'med' | 'rate' | 'count' | 'value' }
  | { readonly name: 'p'; readonly percent: number };

/** A parsed expression such as `p(95)<20s`. */
export interface ThresholdExpression {
  readonly aggregation: Aggregation;
  readonly operator: Operator;
  /** The bound as written: a plain number, a duration in microseconds, or a share. */
  readonly bound: { readonly kind: 'number' | 'duration' | 'share'; readonly value: number };
}

/** A parsed selector such as `call_duration{result:ok}`. */
export interface MetricSelector {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const GRAMMAR = 'aggregation operator bound, e.g. p(95)<20s, rate<1%, count<100';

const EXPRESSION = /^(avg|min|max|med|rate|count|value|p\(?(\d+(?:\.\d+)?)\)?)\s*(===|==|!=|<=|>=|<|>)\s*(\S+)$/;

/** Parses k6's threshold grammar plus durations, percentages and `p99` for `p(99)`; undefined if it does not match. */
export function parseExpression(text: string): ThresholdExpression | undefined {
  const [, name, percentText, operator, boundText] = EXPRESSION.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const percent = Number(percentText);
  const bound = parseBound(boundText!);
  if (!bound || percent > 100) return undefined;
  const aggregation = percentText === undefined ? ({ name } as Aggregation) : ({ name: 'p', percent } as const);
  return { aggregation, operator: operator as Operator, bound };
}

function parseBound(text: string): ThresholdExpression['bound'] | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return { kind: 'number', value: Number(text) };
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined) return { kind: 'share', value: Number(percent) / 100 };
  const duration = parseDuration(text);
  return 'value' in duration ? { kind: 'duration', value: duration.value } : undefined;
}

/** Parses `metric` or `metric{tag:value,…}`; undefined if it does not match. */
export function parseSelector(text: string): MetricSelector | undefined {
  const [, metric, tagText] = /^(\w+)(?:\{([^{}]*)\})?$/.exec(text.trim()) ?? [];
  if (metric === undefined) return undefined;
  const pairs = (tagText?.split(',') ?? []).map((pair) => pair.split(/:(.*)/s, 2).map((part) => part.trim()));
  if (pairs.some(([tag, value]) => !tag || !value)) return undefined;
  return { metric, tags: Object.fromEntries(pairs) };
}

/** Returns whether `observed operator bound` is true, as in k6. */
export function compareWithBound(observed: number, operator: Operator, bound: number): boolean {
  switch (operator) {
    case '<':
      return observed < bound;
    case '<=':
      return observed <= bound;
    case '>':
      return observed > bound;
    case '>=':
      return observed >= bound;
    case '!=':
      return observed !== bound;
    default:
      return observed === bound;
  }
}
