import { type Counted, countedOf } from '../metrics/second-metrics.ts';
import type { Attempt, Call, Run } from './run-view.ts';

/** What a metric is made from: calls or attempts that some tags select, one by one and counted by the second. */
export interface Selection {
  readonly calls: readonly Call[];
  readonly attempts: readonly Attempt[];
  readonly counted: Counted;
  readonly run: Run;
}

/** What a metric is about; it says which tags select parts of it. */
export type Subject = 'calls' | 'attempts' | 'run';

/** Tags that select part of a metric, and what they are compared with. */
export const TAGS = {
  calls: {
    result: ({ result }: Pick<Call, 'result'>) => result,
    load: (call: object) => (call as { readonly load?: string }).load ?? '',
  },
  attempts: {
    limit: ({ deniedBy }: Pick<Attempt, 'deniedBy'>) => deniedBy ?? '',
    status: ({ status }: Pick<Attempt, 'status'>) => String(status),
    model: ({ model }: Pick<Attempt, 'model'>) => model ?? '',
  },
  run: {},
} as const;

export function select(run: Run, of: Subject, tags: Readonly<Record<string, string>>): Selection {
  const counted = countedOf(run.seconds);
  const wanted = Object.entries(tags);
  if (wanted.length === 0) return { run, calls: run.calls, attempts: run.attempts, counted };
  const has = <Item>(item: Item, read: Readonly<Record<string, (item: Item) => string>>): boolean =>
    wanted.every(([tag, value]) => read[tag]?.(item) === value);
  return {
    run,
    calls: of === 'calls' ? run.calls.filter((call) => has(call, TAGS.calls)) : run.calls,
    attempts: of === 'attempts' ? run.attempts.filter((attempt) => has(attempt, TAGS.attempts)) : run.attempts,
    counted: {
      calls: of === 'calls' ? counted.calls.filter((group) => has(group, TAGS.calls)) : counted.calls,
      attempts: of === 'attempts' ? counted.attempts.filter((group) => has(group, TAGS.attempts)) : counted.attempts,
    },
  };
}
