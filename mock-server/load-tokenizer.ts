import { roughCounter, type TokenCounter } from './completion/tokens.ts';
import type { ProviderSettings } from './settings.ts';

/**
 * Framing tokens of a chat by OpenAI's cookbook: three per message plus one for its role, and three that start the answer.
 */
const PER_MESSAGE = 4;
const ANSWER_START = 3;

interface Encoding {
  encode(text: string, options: { allowedSpecial: Set<string>; disallowedSpecial: Set<string> }): number[];
  decode(tokens: number[]): string;
}

/** Treats control tokens in a text, such as `<|endoftext|>`, as plain text. */
const AS_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/**
 * Loads the token counter that the settings name. A real tokenizer takes about 200 ms and 100 MB to load (`speed.md` D), so it
 * is loaded only on demand.
 */
export async function loadTokenizer({ tokenizer }: Pick<ProviderSettings, 'tokenizer'>): Promise<TokenCounter> {
  if (tokenizer === 'characters') return roughCounter;
  const encoding: Encoding =
    tokenizer === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  return {
    count: (text) => encoding.encode(text, AS_TEXT).length,
    split: (text) => split(encoding, text),
    framing: (messages) => messages * PER_MESSAGE + ANSWER_START,
  };
}

/** Splits a text into one piece per token. A character of several tokens becomes empty pieces and one with the character. */
function split(encoding: Encoding, text: string): string[] {
  const pieces: string[] = [];
  let pending: number[] = [];
  for (const token of encoding.encode(text, AS_TEXT)) {
    pending.push(token);
    const piece = encoding.decode(pending);
    if (piece.endsWith('\ufffd')) pieces.push('');
    else {
      pieces.push(piece);
      pending = [];
    }
  }
  return pending.length === 0 ? pieces : [...pieces, encoding.decode(pending)];
}
