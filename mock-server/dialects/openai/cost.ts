import type { Cost } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ReplySettings } from '../../reply-settings.ts';

/** Output tokens reserved for a request without a maximum (`wire.md` 1.7). */
const DEFAULT_RESERVATION = 16;

/** Estimates the cost at admission of `characters` of input and `outputs` answers of at most `maxTokens` each. */
export function admissionCost(
  characters: number,
  outputs: number,
  maxTokens: number | undefined,
  estimator: ReplySettings['estimator'],
): Cost {
  const input = estimateTokens(characters);
  const output = outputs * (maxTokens ?? DEFAULT_RESERVATION);
  const tokens = estimator === 'sum' ? input + output : Math.max(input, output);
  return { requests: 1, tokens, 'input-tokens': input, 'output-tokens': output, images: 0, concurrent: 1 };
}
