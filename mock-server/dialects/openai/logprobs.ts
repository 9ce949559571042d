import type { Outcome } from '../../completion/outcome.ts';
import type { Random } from '../../random.ts';

interface Logprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: number[];
}

interface TokenLogprobs extends Logprob {
  readonly top_logprobs: readonly Logprob[];
}

const OTHERS = [' the', ' a', ' of', ' and', ' to', ' in', ' is', ' that', ' it', ' for'];

/** `logprobs` of a whole text, null for one that only calls tools. */
export function logprobsOf({ text }: Outcome, top: number, random: Random): object | null {
  if (text === null) return null;
  const content = Array.from({ length: text.tokens }, (_, token) => logprobsOfToken(text.piece(token), top, random));
  return { content, refusal: null };
}

/** Plausible figures in the right shape: the token that was said is the likeliest, its alternatives fall off from there. */
export function logprobsOfToken(token: string, top: number, random: Random): TokenLogprobs {
  const logprob = -random() * 0.5;
  const first = logprobOf(token, logprob);
  const others = Array.from({ length: Math.max(0, top - 1) }, (_, rank) => {
    const word = OTHERS[rank % OTHERS.length]! + ' '.repeat(Math.floor(rank / OTHERS.length));
    return logprobOf(word, logprob - (rank + 1) * (1 + random()));
  });
  return { ...first, top_logprobs: top === 0 ? [] : [first, ...others] };
}

function logprobOf(token: string, logprob: number): Logprob {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] };
}
