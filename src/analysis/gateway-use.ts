import type { Via } from '../journal/record.ts';
import type { Attempt, Run } from './run/run-view.ts';

/** What a gateway did with the attempts that came to it. */
export interface GatewayUse {
  /** Attempts that came to it. */
  readonly attempts: number;
  /** Attempts that it answered by itself, and of these how many with which status, the most frequent first. */
  readonly answered: number;
  readonly statuses: readonly { readonly status: number; readonly count: number }[];
  /** Attempts of which nobody can say who answered: the provider got requests that had lost their number. */
  readonly unclear: number;
  /** Attempts for which it asked the provider more than once, and how often it did so beyond the first time. */
  readonly repeated: number;
  readonly extraRequests: number;
}

/** Null for a run without a gateway. */
export function gatewayUse(run: Run): GatewayUse | null {
  if (!run.header.scenario.gateway) return null;
  const counts = new Map<number, number>();
  const found = { attempts: 0, answered: 0, unclear: 0, repeated: 0, extraRequests: 0 };
  const add = ({ answeredBy, upstream = 1, status }: Pick<Attempt, 'status' | keyof Via>, count: number): void => {
    found.attempts += count;
    if (answeredBy === 'unclear') found.unclear += count;
    if (upstream > 1) {
      found.repeated += count;
      found.extraRequests += count * (upstream - 1);
    }
    if (answeredBy !== 'gateway') return;
    found.answered += count;
    counts.set(status, (counts.get(status) ?? 0) + count);
  };
  for (const attempt of run.attempts) add(attempt, 1);
  for (const { attempts = [] } of run.seconds) for (const group of attempts) add(group, group.count);
  const statuses = [...counts].map(([status, count]) => ({ status, count }));
  return { ...found, statuses: statuses.sort((a, b) => b.count - a.count || a.status - b.status) };
}
