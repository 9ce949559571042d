import type { AlgorithmSpec } from '../limiter/algorithms.ts';

/**
 * What selects the bucket. `all` is a single bucket; `content` has a bucket for each group of near-duplicate texts
 * (`limits.md` section 4).
 */
export type Scope = 'key' | 'organization' | 'project' | 'model' | 'ip' | 'user-agent' | 'content' | 'all';

/** What a limit counts. */
export type Unit = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'images' | 'concurrent';

/** The reason of a refusal (`wire.md` 1.6): a rate, a spent budget, or a ramp-up that is too fast. */
export type RefusalReason =
  | 'rate-limit'
  | 'insufficient-quota'
  | 'credit-balance'
  | 'organization-spend'
  | 'project-spend'
  | 'organization-usage'
  | 'slow-down';

/** One limit of a provider (design §2). */
export interface Limit {
  readonly name: string;
  /** There is one bucket for each combination of these values. */
  readonly scope: readonly Scope[];
  readonly unit: Unit;
  readonly spec: AlgorithmSpec;
  /** What a refused request is charged: nothing, requests only, or tokens too. */
  readonly chargeRejected: 'none' | 'requests' | 'all';
  /** What to settle when the actual cost is known: nothing, refunds only, or refunds and overruns; default: by dialect. */
  readonly settle?: 'none' | 'refund' | 'full';
  /** The reason its refusals state; default: a spent quota for calendar quotas, slow down for ramps, a rate for all others. */
  readonly says?: RefusalReason;
  /** Models that share the bucket; default: all models. `pool` is the name that the provider prints for them. */
  readonly models?: readonly string[];
  readonly pool?: string;
}

/** The scope values of one request. */
export interface Subject {
  readonly key: string;
  readonly organization: string;
  readonly project: string;
  readonly model: string;
  readonly ip: string;
  readonly userAgent: string;
  /** Name of the prompt's group of near-duplicate texts; empty if no limit is scoped by content. */
  readonly content: string;
}

/** The cost of one request in every unit: the estimate at admission, or the actual cost at the end. */
export type Cost = Readonly<Record<Unit, number>>;
