import type { Comparison } from '../comparison/compare.ts';
import { certaintyNotes } from './terminal/certainty-lines.ts';
import type { ComparisonSources } from './terminal/comparison-lines.ts';

/** Format version of the comparison JSON. */
const COMPARISON_VERSION = 1;

/** Returns a comparison as JSON. Durations in milliseconds, shares from 0 to 1. */
export function comparisonJson(comparison: Comparison, { base, candidate, first }: ComparisonSources): object {
  return {
    version: COMPARISON_VERSION,
    ...comparison,
    base: { file: base, ...comparison.base },
    candidate: { file: candidate, ...comparison.candidate },
    notes: certaintyNotes(comparison),
    firstDifference: first ?? null,
  };
}
