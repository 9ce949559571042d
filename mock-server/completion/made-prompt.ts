import { charactersFrom, WORD_COUNT, wordFor, wordsFrom } from './text.ts';

/** A prompt to make up. */
export interface PromptToMake {
  /** How many tokens it has by `tokenizer`; not fewer than the request for `answerTokens` takes. */
  readonly tokens: number;
  readonly tokenizer: 'characters' | 'o200k_base' | 'cl100k_base';
  /** Tokens of the answer that it asks for. */
  readonly answerTokens?: number | undefined;
  /** Where in the sequence of words it begins: prompts from one position begin alike. */
  readonly position: number;
  /** A whole number that its last words spell, so that it differs from other prompts. */
  readonly id: number;
}

/** Characters that count as one token where no tokenizer is loaded (`tokens.ts`). */
const CHARS_PER_TOKEN = 4;

/**
 * Makes a prompt of common words with an exact number of tokens: a word with its space is one token of each encoding, and
 * without an encoding a token is four characters.
 */
export function makePrompt(prompt: PromptToMake): string {
  const asks = prompt.answerTokens === undefined ? '' : answerTokensRequest(prompt.answerTokens);
  return prompt.tokenizer === 'characters' ? inCharacters(prompt, asks) : inWords(prompt, asks);
}

/** The end of a prompt that requests an answer of this many tokens. */
export function answerTokensRequest(tokens: number): string {
  return ` [${tokens} tokens]`;
}

/** Returns the answer tokens that a prompt requests; undefined if it requests none. The last request in it counts. */
export function requestedAnswerTokens(prompt: string): number | undefined {
  const at = prompt.lastIndexOf(' tokens]');
  const digits = at < 0 ? undefined : /\[(\d{1,6})$/.exec(prompt.slice(Math.max(0, at - 7), at))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function inWords({ tokens, answerTokens, position, id }: PromptToMake, asks: string): string {
  const askingTokens = answerTokens === undefined ? 0 : 3 + Math.ceil(String(answerTokens).length / 3);
  const words = Math.max(0, tokens - askingTokens);
  const own = spell(id).slice(0, words);
  const filler = wordsFrom(position, words - own.length);
  return `${filler}${own.map((word) => ` ${word}`).join('')}${asks}`.slice(1);
}

function inCharacters({ tokens, position, id }: PromptToMake, asks: string): string {
  const length = Math.max(tokens * CHARS_PER_TOKEN, asks.length - 1);
  const own = spell(id)
    .map((word) => ` ${word}`)
    .join('')
    .slice(0, Math.max(0, length - asks.length));
  const filler = charactersFrom(position, Math.max(0, length + 1 - own.length - asks.length));
  return `${filler}${own}${asks}`.slice(1);
}

/** Spells a whole number in words, its lowest digit first. */
function spell(id: number): string[] {
  const words: string[] = [];
  for (let left = id; left > 0 || words.length === 0; left = Math.floor(left / WORD_COUNT)) {
    words.push(wordFor(left % WORD_COUNT));
  }
  return words;
}
