import type { Run } from './run-view.ts';

/** What a gateway did with the attempts that came to it. */
export interface GatewayUse {
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
  const found = { answered: 0, unclear: 0, repeated: 0, extraRequests: 0 };
  for (const { answeredBy, upstream = 1, status } of run.attempts) {
    if (answeredBy === 'unclear') found.unclear++;
    if (upstream > 1) {
      found.repeated++;
      found.extraRequests += upstream - 1;
    }
    if (answeredBy !== 'gateway') continue;
    found.answered++;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const statuses = [...counts].map(([status, count]) => ({ status, count }));
  return { ...found, statuses: statuses.sort((a, b) => b.count - a.count || a.status - b.status) };
}
