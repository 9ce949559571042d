import type { EndingFacts } from '../../../mock-server/ending.ts';
import { type CountedGroups, collectGroups } from '../metrics/counted-groups.ts';
import { endingKind } from './attempts.ts';
import { clientOfReplica } from './client-of-replica.ts';
import type { Attempt, Call, Run } from './run-view.ts';

/** Calls and attempts selected by tags, recorded individually and counted per second. */
export interface Selection {
  readonly calls: readonly Call[];
  readonly attempts: readonly Attempt[];
  readonly counted: CountedGroups;
  readonly run: Run;
}

/** What a metric measures; decides which tags it has. */
export type Subject = 'calls' | 'attempts' | 'run';

/** Tags of each subject, with the value they are compared with. */
export const TAGS = {
  calls: {
    result: ({ result }: Pick<Call, 'result'>) => result,
    status: ({ error }: Pick<Call, 'error'>) => String(error?.status ?? ''),
    code: ({ error }: Pick<Call, 'error'>) => error?.code ?? '',
    error: ({ error }: Pick<Call, 'error'>) => error?.name ?? '',
    load: (call: object) => (call as Partial<Call>).load ?? '',
    client: (call: object) => (call as Partial<Call>).client ?? '',
    replica: (call: object) => (call as Partial<Call>).replica ?? '',
  },
  attempts: {
    limit: ({ deniedBy }: Pick<Attempt, 'deniedBy'>) => deniedBy ?? '',
    status: ({ status }: Pick<Attempt, 'status'>) => String(status),
    model: ({ model }: Pick<Attempt, 'model'>) => model ?? '',
    ending: (facts: EndingFacts) => endingKind(facts),
    client: (attempt: object) => clientOfReplica((attempt as Partial<Attempt>).replica),
    replica: (attempt: object) => (attempt as Partial<Attempt>).replica ?? '',
  },
  run: {},
} as const;

/** Returns the calls and attempts of a run that match all tags. */
export function select(run: Run, of: Subject, tags: Readonly<Record<string, string>>): Selection {
  const counted = collectGroups(run.seconds);
  const filters = Object.entries(tags);
  if (filters.length === 0) return { run, calls: run.calls, attempts: run.attempts, counted };
  const has = <Item>(item: Item, read: Readonly<Record<string, (item: Item) => string>>): boolean =>
    filters.every(([tag, value]) => read[tag]?.(item) === value);
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
