import { closest, distance } from 'fastest-levenshtein';

/** Hints at the allowed name closest to a misspelt one, if at most a third of its letters differ. */
export function suggestName(given: string, allowed: readonly string[]): { hint?: string } {
  if (allowed.length === 0) return {};
  const nearest = closest(given, allowed);
  const near = distance(given.toLowerCase(), nearest.toLowerCase()) <= Math.max(1, Math.floor(nearest.length / 3));
  return near ? { hint: `did you mean "${nearest}"?` } : {};
}
