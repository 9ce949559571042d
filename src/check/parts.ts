import type { SituationParts } from './row.ts';

type Provider = SituationParts['provider'];
export type FaultInput = NonNullable<Provider['faults']>[number];
type Load = SituationParts['load'];

/** Calls of one caller, one after the other. */
export function oneAfterTheOther(iterations = 20, wait?: string): Load {
  return [
    {
      executor: 'shared-iterations',
      iterations,
      maxDuration: '4h',
      gracefulStop: '30m',
      ...(wait !== undefined && { wait: { constant: wait } }),
    },
  ];
}

/** Calls of many callers, all started at the same instant. */
export function together(vus: number): Load {
  return [{ executor: 'per-vu-iterations', vus, iterations: 1, maxDuration: '20m', gracefulStop: '10m' }];
}

/** For a situation that one more attempt gets every call out of. */
export const ALL_ANSWERED: NonNullable<SituationParts['thresholds']> = { call_failed: ['rate<0.01'] };

/** One call of each caller, open for so long at the most: three attempts with the timeout of ten minutes that SDKs have. */
export function openFor(vus: number, maxDuration: string): Load {
  return [{ executor: 'per-vu-iterations', vus, iterations: 1, maxDuration, gracefulStop: '0s' }];
}

/** In real time a situation is met a few times, not twenty. */
export const FEW_CALLS: Partial<SituationParts> = {
  load: [{ executor: 'shared-iterations', iterations: 5, maxDuration: '30s', gracefulStop: '15s' }],
};

/**
 * Faults of which each second request of one caller meets one, in turn: every call is hit once, and its second attempt is
 * answered.
 */
export function everySecond(...faults: readonly FaultInput[]): FaultInput[] {
  // The first fault that applies wins, so the rarest comes first.
  return faults.map((fault, index) => ({ ...fault, every: 2 * (index + 1) })).reverse();
}

/** Refusals that request these waits, each verbatim, in turn. */
export function told(...texts: readonly string[]): Pick<Provider, 'faults'> {
  const refusals = texts.map((retryAfter): FaultInput => ({ kind: 'refuse', says: 'rate-limit', retryAfter }));
  return { faults: everySecond(...refusals) };
}
