import type { Comparison } from '../../comparison/compare.ts';
import { counted } from '../format.ts';
import type { Result } from './result-line.ts';

/** Returns the result of a comparison. `own`: that of the candidate itself, if it has just run. */
export function comparisonResult({ regressions, figures }: Comparison, own?: Result): Result {
  const ownFailures = own?.outcome === 'FAILED' ? own.because : [];
  const facts = own?.facts ?? [];
  if (regressions.length > 0) {
    const count = counted(regressions.length, 'regression');
    const [first, ...others] = regressions;
    return { outcome: 'FAILED', because: [`${count}: ${first}`, ...others, ...ownFailures], facts };
  }
  const unsure = figures.filter(({ beyond, certainty }) => beyond && certainty === 'chance').map(({ name }) => name);
  const because = ['no regression', ...unsure.map((name) => `undecided: ${name}`)];
  return { outcome: ownFailures.length > 0 ? 'FAILED' : 'PASSED', because: [...ownFailures, ...because], facts };
}
