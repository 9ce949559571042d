import { closest, distance } from 'fastest-levenshtein';

/** Hints at the allowed name closest to a misspelt one, if at most a third of its letters differ. */
export function suggestName(given: string, allowed: readonly string[]): { hint?: string } {
  const nearest = nearestName(given, allowed);
  return nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` };
}

/**
 * Says that a name is unknown: with the one that was likely meant, otherwise with all there are, the nearest first. `list`
 * introduces these, e.g. `valid verdicts are`.
 */
export function unknownName(
  what: string,
  given: string,
  { allowed, list }: { readonly allowed: readonly string[]; readonly list: string },
): { message: string; hint?: string } {
  const suggestion = suggestName(given, allowed);
  if (suggestion.hint !== undefined || allowed.length === 0) return { message: what, ...suggestion };
  const nearestFirst = [...allowed].sort((a, b) => distance(given, a) - distance(given, b));
  return { message: `${what}; ${list} ${nearestFirst.join(', ')}` };
}

/** Returns the allowed name closest to a misspelt one, if at most a third of its letters differ. */
export function nearestName(given: string, allowed: readonly string[]): string | undefined {
  if (allowed.length === 0) return undefined;
  const nearest = closest(given, allowed);
  const near = distance(given.toLowerCase(), nearest.toLowerCase()) <= Math.max(1, Math.floor(nearest.length / 3));
  if (near) return nearest;
  // Two letters that changed places are two differences, which is much in a short word: `hnag`.
  return allowed.find((name) => lettersOf(name) === lettersOf(given));
}

const lettersOf = (word: string): string => [...word.toLowerCase()].sort().join('');
