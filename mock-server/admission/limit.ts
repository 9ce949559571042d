import type { AlgorithmSpec } from '../limiter/algorithm.ts';

/**
 * What picks the bucket. `all` is one bucket for everybody; `content` one for each group of texts that are nearly the same
 * (`limits.md` section 4).
 */
export type Scope = 'key' | 'organization' | 'project' | 'model' | 'ip' | 'user-agent' | 'content' | 'all';

/** What a limit counts. */
export type Unit = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'images' | 'concurrent';

/** What a refusal is about (`wire.md` 1.6): a rate, or one of the ways to have no money left, or growing too fast. */
export type Says =
  | 'rate-limit'
  | 'insufficient-quota'
  | 'credit-balance'
  | 'organization-spend'
  | 'project-spend'
  | 'organization-usage'
  | 'slow-down';

/** One metered rule (design §2). */
export interface Limit {
  readonly name: string;
  /** One bucket for each combination of these. */
  readonly scope: readonly Scope[];
  readonly unit: Unit;
  readonly spec: AlgorithmSpec;
  /** Whether a denied request is charged all the same: never, its requests only, or its tokens too. */
  readonly chargeRejected: 'none' | 'requests' | 'all';
  /** What happens when the true cost is known: nothing, only refunds, or refunds and overruns; absent: as the dialect has it. */
  readonly settle?: 'none' | 'refund' | 'full';
  /** What its refusals are about; absent: a spent quota for calendar quotas, a rate for all others. */
  readonly says?: Says;
  /** Models that share the bucket; absent for all models. `pool` is the name the provider prints for them. */
  readonly models?: readonly string[];
  readonly pool?: string;
}

/** Who asks: a value for every scope. */
export interface Subject {
  readonly key: string;
  readonly organization: string;
  readonly project: string;
  readonly model: string;
  readonly ip: string;
  readonly userAgent: string;
  /** Names the group of texts that the request's own is one of; empty where nobody asks. */
  readonly content: string;
}

/** What one request costs in every unit, as estimated at admission or as known at the end. */
export type Cost = Readonly<Record<Unit, number>>;
