import type { Scope, Unit } from '../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import type { Confidence } from './confidence.ts';

/** The confidence of a finding, and its reason in one sentence. */
export interface Finding {
  readonly confidence: Confidence;
  readonly because: string;
}

/** A limit inferred from recorded replies. */
export interface LearntLimit {
  readonly name: string;
  readonly unit: Unit;
  readonly spec: AlgorithmSpec;
  readonly scope: readonly Scope[];
  /** Set if refused requests are charged too. */
  readonly chargeRejected?: 'requests';
  readonly models?: readonly string[];
  readonly pool?: string;
  /** The finding for size, rate or window, and algorithm; its confidence is the lowest of these. */
  readonly figures: Finding;
  readonly sharing: Finding;
  /** Replies that the figures are based on. */
  readonly observations: number;
}

/** The limits inferred from a provider's replies. */
export interface LearntLimits {
  readonly limits: readonly LearntLimit[];
  /** What could not be learnt, as sentences. */
  readonly couldNotLearn: readonly string[];
  readonly observations: number;
  readonly refusals: number;
}
