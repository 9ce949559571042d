import type { ClientModel } from './client-model.ts';
import type { RetryAfterUse, RetryPolicy } from './policy.ts';

/** A known client or a common retry policy, as a model. */
export interface Preset {
  readonly name: string;
  readonly about: string;
  /** Where its figures were read or measured, and for which version. */
  readonly source: string;
  readonly version: string;
  /** What the model omits, if that can matter. */
  readonly differs?: string;
  readonly model: ClientModel;
}

const S = 1_000_000;

/** No retries, no gates: the base of every preset. */
export const BARE: ClientModel = {
  name: 'none',
  concurrency: null,
  timeoutUs: null,
  deadlineUs: null,
  retries: {
    max: 0,
    statuses: [429, '5xx'],
    connection: true,
    baseUs: S / 2,
    factor: 2,
    capUs: null,
    jitter: { kind: 'none' },
    retryAfter: { reads: 'nothing', as: 'instead', jittered: false, longestUs: null, beyond: 'own' },
  },
  budget: null,
  pace: null,
  breaker: null,
  aimd: null,
};

type RetryChanges = Partial<Omit<RetryPolicy, 'retryAfter'>> & { readonly retryAfter?: Partial<RetryAfterUse> };

/** Returns a model with these retries and gates; the rest is as in `BARE`. */
export function createModel(
  name: string,
  { retryAfter, ...retries }: RetryChanges,
  rest: Partial<Omit<ClientModel, 'name' | 'retries'>> = {},
): ClientModel {
  const use = { ...BARE.retries.retryAfter, ...retryAfter };
  return { ...BARE, name, retries: { ...BARE.retries, ...retries, retryAfter: use }, ...rest };
}

export function createPreset(about: Omit<Preset, 'name' | 'model'>, model: ClientModel): Preset {
  return { name: model.name, ...about, model };
}
