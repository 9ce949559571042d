import { QuotaLabError } from '../error.ts';
import { type AlgorithmSpec, algorithmOf } from './algorithms.ts';
import type { Limiter } from './limiter.ts';

/** Creates the limiter of a spec. Throws `limiter/invalid` with every invalid parameter. */
export function createLimiter(spec: AlgorithmSpec): Limiter {
  const algorithm = algorithmOf(spec);
  const problems = algorithm.problems(spec);
  if (problems.length > 0) throw new QuotaLabError('limiter/invalid', `invalid ${spec.algorithm}`, { problems });
  return algorithm.create(spec);
}
