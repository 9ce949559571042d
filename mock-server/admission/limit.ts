import type { AlgorithmSpec } from '../limiter/algorithm.ts';

/** What picks the bucket. `all` is one bucket for everybody. */
export type Scope = 'key' | 'organization' | 'project' | 'model' | 'ip' | 'all';

/** What a limit counts. */
export type Unit = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'concurrent';

/** One metered rule (design §2). */
export interface Limit {
  readonly name: string;
  /** One bucket for each combination of these. */
  readonly scope: readonly Scope[];
  readonly unit: Unit;
  readonly spec: AlgorithmSpec;
  /** Whether a denied request is charged all the same: never, its requests only, or its tokens too. */
  readonly chargeRejected: 'none' | 'requests' | 'all';
  /** What happens when the true cost is known: nothing, only refunds, or refunds and overruns. */
  readonly settle: 'none' | 'refund' | 'full';
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
}

/** What one request costs in every unit, as estimated at admission or as known at the end. */
export type Cost = Readonly<Record<Unit, number>>;
