import type { Admission } from '../../admission/admission.ts';
import type { ProviderSettings } from '../../settings.ts';
import { rateLimitHeaders } from '../openai/limit-headers.ts';

const NAMES = /^x-ratelimit-(limit|remaining|reset)-(requests|tokens)$/;

/**
 * Returns OpenAI's limit headers with resets in whole seconds (`wire.md` 2.1). A refusal without Retry-After also has
 * `x-rate-limit-reset-tokens`.
 */
export function limitHeaders(admission: Admission, nowUs: number, settings: ProviderSettings): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rateLimitHeaders(admission, nowUs, settings.headersShow))) {
    const kind = NAMES.exec(name)?.[1];
    if (kind) headers[name] = kind === 'reset' ? String(Math.ceil(goSeconds(value))) : value;
  }
  const reset = headers['x-ratelimit-reset-tokens'];
  if (!admission.admit && settings.retryAfter === 'none' && reset !== undefined)
    headers['x-rate-limit-reset-tokens'] = reset;
  return headers;
}

/** Parses a Go duration such as `1h2m3.4s` or `120ms`. Returns seconds. */
function goSeconds(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * units[unit!]!,
    0,
  );
}
