import type { Limit } from '../../mock-server/admission/limit.ts';
import { limitAmount } from '../../mock-server/admission/limit-rate.ts';
import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';

/**
 * Returns a sentence for each limit that does what its settings hardly show: it lets nothing pass, or counts the output that is
 * reserved and not the output that is sent. `maxTokens` is the maximum that the calls set, if they do.
 */
export function limitNotes(settings: ProviderSettings, maxTokens?: number): string[] {
  return settings.limits.flatMap((limit) => noteOf(limit, settings, maxTokens) ?? []);
}

function noteOf(limit: Limit, settings: ProviderSettings, maxTokens: number | undefined): string | undefined {
  const { name, unit, spec } = limit;
  const dialect = DIALECTS[settings.dialect];
  const amount = limitAmount(spec);
  if (amount === 0) return `limit ${name} is shut: it admits nothing, at any time`;
  const reserved = dialect.estimateCost(0, maxTokens, settings)[unit];
  if (unit === 'output-tokens' && (limit.settle ?? dialect.settle) === 'none') {
    const without = dialect.estimateCost(0, undefined, settings)[unit];
    return (
      `limit ${name} counts the output that a request reserves (its maximum, or ${without} tokens without one), however long ` +
      'the answer is; settle: full counts the answer'
    );
  }
  if (reserved <= amount) return undefined;
  const who = maxTokens === undefined ? 'a request without a maximum' : `a call with maxTokens: ${maxTokens}`;
  return `limit ${name} holds ${amount} ${unit}; ${who} reserves ${reserved} and can never pass`;
}
