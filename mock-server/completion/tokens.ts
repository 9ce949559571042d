/** What a text costs before anybody has counted: a quarter of its characters (`wire.md` 1.7), at least `least`. */
export function estimateTokens(characters: number, least = 0): number {
  return Math.max(least, Math.ceil(characters / 4));
}
