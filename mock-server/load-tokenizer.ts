import { roughCounter, type TokenCounter } from './completion/tokens.ts';
import { QuotaLabError } from './error.ts';
import type { ProviderSettings } from './settings.ts';

/**
 * Framing tokens of a chat according to OpenAI's cookbook: three per message plus one for its role, and three that start the
 * answer.
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
 * is loaded only on demand. Throws `provider/missing-tokenizer` where the optional package gpt-tokenizer is not installed.
 */
export async function loadTokenizer({ tokenizer }: Pick<ProviderSettings, 'tokenizer'>): Promise<TokenCounter> {
  if (tokenizer === 'characters') return roughCounter;
  const encoding = await importEncoding(tokenizer);
  return {
    count: (text) => encoding.encode(text, AS_TEXT).length,
    split: (text) => split(encoding, text),
    framing: (messages) => messages * PER_MESSAGE + ANSWER_START,
  };
}

/** Returns whether the optional package gpt-tokenizer is installed. */
export function hasTokenizer(): boolean {
  try {
    return import.meta.resolve('gpt-tokenizer') !== '';
  } catch {
    return false;
  }
}

async function importEncoding(tokenizer: 'o200k_base' | 'cl100k_base'): Promise<Encoding> {
  try {
    return tokenizer === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const problem = {
      path: 'provider.tokenizer',
      message: `${tokenizer} needs the package gpt-tokenizer, which is not installed`,
      hint: 'npm install gpt-tokenizer@4',
    };
    throw new QuotaLabError('provider/missing-tokenizer', problem.message, { problems: [problem], cause });
  }
}

/** Splits a text into one piece per token. If a character takes several tokens, all but one of its pieces are empty. */
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
