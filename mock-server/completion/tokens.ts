/** What a text costs before anybody has counted: a quarter of its characters (`wire.md` 1.7), at least `least`. */
export function estimateTokens(characters: number, least = 0): number {
  return Math.max(least, Math.ceil(characters / 4));
}

/** Counts the tokens of texts, as a real tokenizer does or as nearly as one can without. */
export interface TokenCounter {
  count(text: string): number;
  /** The text in pieces of one token each; joined they give it back. */
  split(text: string): string[];
  /** Tokens that a list of messages costs beyond its texts: framing of each, and the start of the answer. */
  framing(messages: number): number;
}

/** Characters ÷ 4 for prompts, words for answers: no tokenizer is loaded. */
export const roughCounter: TokenCounter = {
  count: (text) => estimateTokens(text.length),
  split: (text) => text.match(/\s*\S+|\s+$/g) ?? [],
  framing: () => 0,
};
