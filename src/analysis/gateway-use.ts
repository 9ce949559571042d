import type { Via } from '../journal/call-records.ts';
import type { Attempt, Run } from './run/run-view.ts';

/** How a gateway handled the attempts it received. */
export interface GatewayUse {
  /** Attempts received. */
  readonly attempts: number;
  /** Attempts the gateway answered itself, and their count by status, most frequent first. */
  readonly answered: number;
  readonly statuses: readonly { readonly status: number; readonly count: number }[];
  /** Attempts whose responder is unknown: the provider received requests without an attempt number. */
  readonly unclear: number;
  /** Attempts that the gateway sent to the provider more than once, and the number of those extra requests. */
  readonly repeated: number;
  readonly extraRequests: number;
}

/** Computes the gateway figures of a run; null for a run without a gateway. */
export function computeGatewayUse(run: Run): GatewayUse | null {
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
