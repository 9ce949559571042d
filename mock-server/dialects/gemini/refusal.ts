import type { Check } from '../../admission/admission.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import type { AskedWait } from '../../admission/retry-after.ts';
import type { ProviderSettings } from '../../settings.ts';
import type { Content, Refusal, RefusalKind, RetryAfterHeaders } from '../dialect.ts';
import { errorContent } from './errors.ts';

const DAY_US = 86_400_000_000;
const MINUTE_US = 60_000_000;

/** A day's limit is told a short wait all the same, which leads clients astray (`wire.md` 2.3). */
export function kindOf({ bucket, decision }: Check): RefusalKind {
  const daily = isDaily(bucket.bound.limit.spec);
  const toldUs = daily ? Math.min(decision.retryAfterUs, MINUTE_US) : decision.retryAfterUs;
  return { status: 429, errorType: 'RESOURCE_EXHAUSTED', errorCode: '', says: 'rate-limit', toldUs };
}

function isDaily(spec: Parameters<typeof sustainedRate>[0]): boolean {
  return (sustainedRate(spec)?.periodUs ?? 0) >= DAY_US;
}

/** RESOURCE_EXHAUSTED with what was violated and, where the client is told, how long to wait. */
export function refusal({ subject, reported, kind, wait }: Refusal, { account }: ProviderSettings): Content {
  const { limit } = reported.bucket.bound;
  const free = account === 'free';
  const metric = `generativelanguage.googleapis.com/${metricOf(reported, free)}`;
  const told = kind.toldUs === Infinity ? '' : `\nPlease retry in ${kind.toldUs / 1e6}s.`;
  const message =
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
    'head over to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head over to: ' +
    `https://ai.dev/usage?tab=rate-limit. \n* Quota exceeded for metric: ${metric}, limit: ${amountOf(limit.spec)}, ` +
    `model: ${subject.model}${told}`;
  const violation = {
    quotaMetric: metric,
    quotaId: quotaIdOf(reported, free),
    quotaDimensions: { location: 'global', model: subject.model },
    quotaValue: String(amountOf(limit.spec)),
  };
  const links = [
    { description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' },
  ];
  return errorContent(429, message, [
    { '@type': 'type.googleapis.com/google.rpc.Help', links },
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
    ...(wait ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: delayOf(wait).raw }] : []),
  ]);
}

/** No header tells a wait here: what stands for Retry-After is RetryInfo in the body. */
export function delayOf(wait: AskedWait): RetryAfterHeaders {
  if (wait.in === 'words') return { headers: {}, raw: wait.text ?? wait.ms ?? '' };
  const seconds =
    wait.in === 'seconds' ? Math.max(1, Math.ceil(wait.waitUs / 1e6)) : Math.max(0, Math.ceil(wait.waitUs / 1e6));
  return { headers: {}, raw: `${seconds}s`, meansUs: seconds * 1e6 };
}

function metricOf({ bucket }: Check, free: boolean): string {
  const tier = free ? 'free_tier' : 'paid_tier';
  return bucket.bound.limit.unit === 'requests'
    ? `generate_content_${tier}_requests`
    : `generate_content_${tier}_input_token_count`;
}

function quotaIdOf({ bucket }: Check, free: boolean): string {
  const { unit, spec } = bucket.bound.limit;
  const period = isDaily(spec) ? 'PerDay' : 'PerMinute';
  const tier = free ? '-FreeTier' : '';
  if (unit === 'requests') return `GenerateRequests${period}PerProjectPerModel${tier}`;
  return `GenerateContentInputTokensPerModel${period}${tier}`;
}
