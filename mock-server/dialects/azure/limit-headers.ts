import type { Admission } from '../../admission/admission.ts';
import type { ReplySettings } from '../../reply-settings.ts';
import { LIMIT_HEADER_NAMES as OPENAI_NAMES, rateLimitHeaders } from '../openai/limit-headers.ts';
import { parseWait } from '../stated-wait.ts';

const NAMES = /^x-ratelimit-(limit|remaining|reset)-(requests|tokens)$/;

export const LIMIT_HEADER_NAMES: readonly string[] = [
  ...OPENAI_NAMES.filter((name) => NAMES.test(name)),
  'x-rate-limit-reset-tokens',
];

/**
 * Returns OpenAI's limit headers with resets in whole seconds (`wire.md` 2.1). A refusal without Retry-After also has
 * `x-rate-limit-reset-tokens`.
 */
export function limitHeaders(admission: Admission, nowUs: number, settings: ReplySettings): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rateLimitHeaders(admission, nowUs, settings.headersShow))) {
    const kind = NAMES.exec(name)?.[1];
    if (kind) headers[name] = kind === 'reset' ? String(Math.ceil(parseWait(value)!.low / 1e6)) : value;
  }
  const reset = headers['x-ratelimit-reset-tokens'];
  if (!admission.admit && settings.retryAfter === 'none' && reset !== undefined)
    headers['x-rate-limit-reset-tokens'] = reset;
  return headers;
}
