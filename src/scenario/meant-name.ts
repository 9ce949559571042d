import { closest, distance } from 'fastest-levenshtein';

/** A hint at the allowed name that a misspelt one is close to: a third of its letters may differ. */
export function meantName(given: string, allowed: readonly string[]): { hint?: string } {
  if (allowed.length === 0) return {};
  const nearest = closest(given, allowed);
  const near = distance(given.toLowerCase(), nearest.toLowerCase()) <= Math.max(1, Math.floor(nearest.length / 3));
  return near ? { hint: `did you mean "${nearest}"?` } : {};
}
