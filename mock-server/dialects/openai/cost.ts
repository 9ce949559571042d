import type { Cost } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ProviderSettings } from '../../settings.ts';

/** The output reservation of a request that names no maximum (`wire.md` 1.7). */
const DEFAULT_RESERVATION = 16;

/** What admission charges a request: `characters` of input, and `outputs` answers of at most `maxTokens` each. */
export function admissionCost(
  characters: number,
  outputs: number,
  maxTokens: number | undefined,
  estimator: ProviderSettings['estimator'],
): Cost {
  const input = estimateTokens(characters);
  const output = outputs * (maxTokens ?? DEFAULT_RESERVATION);
  const tokens = estimator === 'sum' ? input + output : Math.max(input, output);
  return { requests: 1, tokens, 'input-tokens': input, 'output-tokens': output, images: 0, concurrent: 1 };
}
