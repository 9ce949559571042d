import { providersOf } from '../../scenario/fleet.ts';
import { isAnswered, isRejected } from './attempts.ts';
import type { Job } from './jobs.ts';
import type { Attempt, Run } from './run-view.ts';

/** Returns the first attempt after `index` at the same provider: a request to another provider is no retry. */
export function nextAtProvider(attempts: readonly Attempt[], index: number): Attempt | undefined {
  const provider = attempts[index]!.provider;
  return attempts.find((attempt, later) => later > index && attempt.provider === provider);
}

/** Groups attempts by their provider, in order of start; one group in a run with one provider. */
export function groupByProvider(attempts: readonly Attempt[]): (readonly Attempt[])[] {
  return [...Map.groupBy(attempts, ({ provider }) => provider).values()];
}

/** Returns a job once for each provider that it asked, with the attempts there: retries at one provider are no retries at another. */
export function jobAtProviders(job: Job): readonly Job[] {
  const groups = groupByProvider(job.attempts);
  return groups.length < 2 ? [job] : groups.map((attempts) => ({ ...job, attempts }));
}

/** Figures of one provider. `calls`: those that sent it a request; `failed`: attempts that were neither answered nor refused. */
export interface ProviderFigures {
  readonly provider: string;
  readonly calls: number;
  readonly attempts: number;
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly unfinished: number;
}

/** Computes the figures of each provider, in the order of the scenario. Empty with one provider. */
export function computeProviderFigures(run: Run): ProviderFigures[] {
  const providers = providersOf(run.header.scenario);
  if (providers.length < 2) return [];
  const byProvider = Map.groupBy(run.attempts, ({ provider }) => provider ?? '');
  return providers.map(({ name }) => {
    const attempts = byProvider.get(name) ?? [];
    const answered = attempts.filter(isAnswered).length;
    const refused = attempts.filter(isRejected).length;
    const unfinished = attempts.filter(({ outcome }) => outcome === 'open').length;
    return {
      provider: name,
      calls: new Set(attempts.flatMap(({ call }) => call ?? [])).size,
      attempts: attempts.length,
      answered,
      refused,
      failed: attempts.length - answered - refused - unfinished,
      unfinished,
    };
  });
}
