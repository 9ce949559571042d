import type { Scope, Unit } from '../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import type { Confidence } from './confidence.ts';

/** One finding, how far it can be relied on, and why, in one sentence. */
export interface Finding {
  readonly confidence: Confidence;
  readonly because: string;
}

/** One limit that the recorded answers imply. */
export interface LearntLimit {
  readonly name: string;
  readonly unit: Unit;
  readonly spec: AlgorithmSpec;
  readonly scope: readonly Scope[];
  /** Refused requests are charged too; absent where nothing says so. */
  readonly chargeRejected?: 'requests';
  readonly models?: readonly string[];
  readonly pool?: string;
  /** Of the size, the rate or window, and the algorithm: as good as the weakest of them. */
  readonly figures: Finding;
  readonly sharing: Finding;
  /** Answers that the figures rest on. */
  readonly observations: number;
}

/** What a provider's answers imply of its limits. */
export interface LearntLimits {
  readonly limits: readonly LearntLimit[];
  /** What no answer tells, one sentence each. */
  readonly couldNotLearn: readonly string[];
  readonly observations: number;
  readonly refusals: number;
}
