import type { Comparison } from '../comparison/compare.ts';
import { certaintyNotes } from './terminal/certainty-lines.ts';
import type { ComparisonTold } from './terminal/comparison-lines.ts';

/** Version of the format of a comparison for machines. */
const COMPARISON_VERSION = 1;

/** A comparison for machines: durations in milliseconds, shares of 1. */
export function comparisonJson(comparison: Comparison, { base, candidate, first }: ComparisonTold): object {
  return {
    version: COMPARISON_VERSION,
    ...comparison,
    base: { file: base, ...comparison.base },
    candidate: { file: candidate, ...comparison.candidate },
    notes: certaintyNotes(comparison),
    firstDifference: first ?? null,
  };
}
