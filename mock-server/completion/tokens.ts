/** Estimates tokens as a quarter of the characters (`wire.md` 1.7), rounded up, with a minimum. */
export function estimateTokens(characters: number, min = 0): number {
  return Math.max(min, Math.ceil(characters / 4));
}

/** Counts tokens, with a real tokenizer or an approximation. */
export interface TokenCounter {
  count(text: string): number;
  /** Splits a text into one piece per token; the pieces joined are the text. */
  split(text: string): string[];
  /** Returns the tokens of a list of messages in addition to their texts: message framing and the start of the answer. */
  framing(messages: number): number;
}

/** Approximation without a tokenizer: characters ÷ 4 for prompts, words for answers. */
export const roughCounter: TokenCounter = {
  count: (text) => estimateTokens(text.length),
  split: (text) => text.match(/\s*\S+|\s+$/g) ?? [],
  framing: () => 0,
};
