import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { Random } from '../../random.ts';

interface Logprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: number[];
}

interface TokenLogprobs extends Logprob {
  readonly top_logprobs: readonly Logprob[];
}

const OTHER_TOKENS = [' the', ' a', ' of', ' and', ' to', ' in', ' is', ' that', ' it', ' for'];

/** Returns `logprobs` of a text, or null for an outcome without text. */
export function logprobsOf({ text }: CompletionOutcome, top: number, random: Random): object | null {
  if (text === null) return null;
  const content = Array.from({ length: text.tokens }, (_, token) => logprobsOfToken(text.piece(token), top, random));
  return { content, refusal: null };
}

/** Returns synthetic log probabilities: the generated token is the most likely, alternatives decrease from there. */
export function logprobsOfToken(token: string, top: number, random: Random): TokenLogprobs {
  const logprob = -random() * 0.5;
  const first = logprobOf(token, logprob);
  const others = Array.from({ length: Math.max(0, top - 1) }, (_, rank) => {
    const word = OTHER_TOKENS[rank % OTHER_TOKENS.length]! + ' '.repeat(Math.floor(rank / OTHER_TOKENS.length));
    return logprobOf(word, logprob - (rank + 1) * (1 + random()));
  });
  return { ...first, top_logprobs: top === 0 ? [] : [first, ...others] };
}

function logprobOf(token: string, logprob: number): Logprob {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] };
}
