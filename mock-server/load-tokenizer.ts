import { roughCounter, type TokenCounter } from './completion/tokens.ts';
import type { ProviderSettings } from './settings.ts';

/**
 * What a chat's framing costs, by OpenAI's cookbook: three tokens a message, its role among them, and three to begin the
 * answer.
 */
const PER_MESSAGE = 4;
const ANSWER_START = 3;

interface Encoding {
  encode(text: string, options: { allowedSpecial: Set<string>; disallowedSpecial: Set<string> }): number[];
  decode(tokens: number[]): string;
}

/** Texts may hold what looks like a control token; it is text. */
const AS_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/**
 * The counter that settings ask for. A real tokenizer takes some 200 ms and 100 MB to load (`speed.md` D), so it is loaded
 * here or never.
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

/** A character may take several tokens: they make one piece, and empty ones to keep the count. */
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
