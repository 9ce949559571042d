import { parseExpression, parseSelector, type ThresholdExpression } from '../analysis/metrics/threshold-expression.ts';
import type { ThresholdSetting } from '../scenario/scenario.ts';
import { literal } from './python.ts';

/** The thresholds that Locust's statistics support, as Python, and the unsupported ones. */
export interface LocustThresholds {
  readonly lines: readonly string[];
  readonly unsupported: readonly ThresholdSetting[];
}

export function thresholdLines(settings: readonly ThresholdSetting[]): LocustThresholds {
  const translated = settings.map((setting) => ({ setting, test: pythonTest(setting) }));
  const supported = translated.filter(({ test }) => test !== undefined);
  const left = translated.filter(({ test }) => test === undefined).map(({ setting }) => setting);
  if (supported.length === 0) return { lines: [], unsupported: left };
  const rows = supported.map(
    ({ setting: { metric, expression }, test }) =>
      `    ${literal(`${metric}: ${expression}`)}: lambda total, failed, refused: ${test},`,
  );
  return { unsupported: left, lines: ['', '', 'THRESHOLDS = {', ...rows, '}', ...JUDGE] };
}

const JUDGE = `

@events.quitting.add_listener
def judge(environment, **_):
    """Sets exit code 99 if a threshold fails, as quotalab does. Without requests, every threshold fails."""
    stats = environment.stats
    refused = sum(entry.num_requests for entry in stats.entries.values() if entry.name == REFUSED)
    failed = stats.total.num_failures + (0 if REFUSED_FAILS else refused)
    for text, holds in THRESHOLDS.items():
        ok = stats.total.num_requests > 0 and holds(stats.total, failed, refused)
        print(f"{'ok' if ok else 'FAILED'}  {text}", file=sys.stderr)
        if not ok:
            environment.process_exit_code = 99`.split('\n');

/** Returns a threshold as a Python expression in Locust's units; undefined if unsupported. */
function pythonTest({ metric, expression }: ThresholdSetting): string | undefined {
  const selector = parseSelector(metric);
  const parsed = parseExpression(expression);
  if (!selector || !parsed || Object.keys(selector.tags).length > 0) return undefined;
  const figure = locustFigure(selector.metric, parsed);
  if (figure === undefined) return undefined;
  const operator = parsed.operator === '===' ? '==' : parsed.operator;
  return `${figure} ${operator} ${locustBound(parsed)}`;
}

/** Every call in Locust is one attempt: it has no retrying client. */
function locustFigure(metric: string, { aggregation }: ThresholdExpression): string | undefined {
  switch (metric) {
    case 'call_duration':
    case 'attempt_duration':
      return aggregation.name === 'p'
        ? `total.get_response_time_percentile(${aggregation.percent / 100})`
        : DURATIONS[aggregation.name];
    case 'call_failed':
      return 'failed / total.num_requests';
    case 'attempt_failed':
      return '(failed - refused) / total.num_requests';
    case 'attempt_rejected':
      return 'refused / total.num_requests';
    case 'calls':
    case 'attempts':
      return aggregation.name === 'count' ? 'total.num_requests' : undefined;
    default:
      return undefined;
  }
}

const DURATIONS: Readonly<Record<string, string>> = {
  avg: 'total.avg_response_time',
  min: 'total.min_response_time',
  max: 'total.max_response_time',
  med: 'total.median_response_time',
};

/** Locust measures in milliseconds. */
function locustBound({ bound: { kind, value } }: ThresholdExpression): number {
  return kind === 'duration' ? value / 1000 : value;
}
