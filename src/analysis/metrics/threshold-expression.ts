import { parseDuration } from '../../scenario/quantity.ts';

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!=';

/** What is asked of a metric: `p` with its percent, or a name of k6's. */
export type Aggregation =
  | { readonly name: 'avg' | 'min' | 'max' | 'med' | 'rate' | 'count' | 'value' }
  | { readonly name: 'p'; readonly percent: number };

/** `p(95)<20s`, read. */
export interface ThresholdExpression {
  readonly aggregation: Aggregation;
  readonly operator: Operator;
  /** The bound as written: a plain number, a duration in microseconds, or a share. */
  readonly bound: { readonly kind: 'number' | 'duration' | 'share'; readonly value: number };
}

/** `call_duration{result:ok}`, read. */
export interface MetricSelector {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const GRAMMAR = 'aggregation operator bound, e.g. p(95)<20s, rate<1%, count<100';

const EXPRESSION = /^(avg|min|max|med|rate|count|value|p\(?(\d+(?:\.\d+)?)\)?)\s*(===|==|!=|<=|>=|<|>)\s*(\S+)$/;

/** Reads k6's grammar, and beside it durations, per cent and `p99` for `p(99)`; undefined for anything else. */
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

/** Reads `metric` or `metric{tag:value,…}`; undefined for anything else. */
export function parseSelector(text: string): MetricSelector | undefined {
  const [, metric, tagText] = /^(\w+)(?:\{([^{}]*)\})?$/.exec(text.trim()) ?? [];
  if (metric === undefined) return undefined;
  const pairs = (tagText?.split(',') ?? []).map((pair) => pair.split(/:(.*)/s, 2).map((part) => part.trim()));
  if (pairs.some(([tag, value]) => !tag || !value)) return undefined;
  return { metric, tags: Object.fromEntries(pairs) };
}

/** Compares as k6 does. */
export function holds(observed: number, operator: Operator, bound: number): boolean {
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
