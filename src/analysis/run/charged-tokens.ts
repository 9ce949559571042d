import { limitsOf } from '../../scenario/fleet.ts';
import { isRejected } from './attempts.ts';
import type { Attempt, Run } from './run-view.ts';

/**
 * Creates a function that returns the tokens charged for an attempt: those of its prompt and its answer, or for a refused one
 * what the limits charge that charge refusals in full.
 */
export function createTokenCounter(run: Run): (attempt: Attempt) => number {
  const charging = new Set(
    limitsOf(run.header.scenario)
      .filter(({ unit, chargeRejected }) => unit === 'tokens' && chargeRejected === 'all')
      .map(({ name }) => name),
  );
  return (attempt) => {
    const { promptTokens = 0, completionTokens = 0, limits, status } = attempt;
    if (status >= 200 && status < 300) return promptTokens + completionTokens;
    if (charging.size === 0 || !isRejected(attempt)) return 0;
    return limits.find(({ limit }) => charging.has(limit))?.cost ?? 0;
  };
}
