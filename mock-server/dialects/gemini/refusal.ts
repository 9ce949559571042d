import type { AdmissionCheck } from '../../admission/admission.ts';
import { limitAmount, sustainedRate } from '../../admission/limit-rate.ts';
import type { RequestedWait } from '../../admission/retry-after.ts';
import type { ReplySettings } from '../../reply-settings.ts';
import type { Refusal, RefusalKind, ResponseDraft, RetryAfterHeaders } from '../dialect.ts';
import { meantWaitUs } from '../wait-hint.ts';
import { errorResponse } from './errors.ts';

const DAY_US = 86_400_000_000;
const MINUTE_US = 60_000_000;

/** Classifies a refusal. As in the real API, even a daily limit requests a wait of at most a minute (`wire.md` 2.3). */
export function classifyRefusal({ bucket, decision }: AdmissionCheck): RefusalKind {
  const daily = isDaily(bucket.bound.limit.spec);
  const messageWaitUs = daily ? Math.min(decision.retryAfterUs, MINUTE_US) : decision.retryAfterUs;
  return { status: 429, errorType: 'RESOURCE_EXHAUSTED', errorCode: '', reason: 'rate-limit', messageWaitUs };
}

function isDaily(spec: Parameters<typeof sustainedRate>[0]): boolean {
  return (sustainedRate(spec)?.periodUs ?? 0) >= DAY_US;
}

/** Builds a RESOURCE_EXHAUSTED response with the violated quota and, if the policy sends one, the requested wait. */
export function refusalResponse({ subject, reported, kind, wait }: Refusal, { account }: ReplySettings): ResponseDraft {
  const { limit } = reported.bucket.bound;
  const free = account === 'free';
  const metric = `generativelanguage.googleapis.com/${quotaMetricOf(reported, free)}`;
  const retryHint = kind.messageWaitUs === Infinity ? '' : `\nPlease retry in ${kind.messageWaitUs / 1e6}s.`;
  const message =
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
    'head over to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head over to: ' +
    `https://ai.dev/usage?tab=rate-limit. \n* Quota exceeded for metric: ${metric}, limit: ${limitAmount(limit.spec)}, ` +
    `model: ${subject.model}${retryHint}`;
  const violation = {
    quotaMetric: metric,
    quotaId: quotaIdOf(reported, free),
    quotaDimensions: { location: 'global', model: subject.model },
    quotaValue: String(limitAmount(limit.spec)),
  };
  const links = [
    { description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' },
  ];
  return errorResponse(429, message, [
    { '@type': 'type.googleapis.com/google.rpc.Help', links },
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
    ...retryInfo(wait),
  ]);
}

/** Returns the RetryInfo of a requested wait as a detail of the error; none without a wait. */
export function retryInfo(wait: RequestedWait | undefined): readonly object[] {
  if (!wait) return [];
  return [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: retryDelay(wait, 0).raw }];
}

/** Gemini sends no Retry-After header; `RetryInfo` in the body takes its place. */
export function retryDelay(wait: RequestedWait, nowUs: number): RetryAfterHeaders {
  if (wait.in === 'literal') {
    const raw = wait.text ?? wait.ms ?? '';
    const statedWaitUs = meantWaitUs({ source: 'retry-info', raw, sentUs: nowUs, skewUs: 0 });
    return { headers: {}, raw, source: 'retry-info', ...(statedWaitUs !== undefined && { statedWaitUs }) };
  }
  const seconds =
    wait.in === 'seconds' ? Math.max(1, Math.ceil(wait.waitUs / 1e6)) : Math.max(0, Math.ceil(wait.waitUs / 1e6));
  return { headers: {}, raw: `${seconds}s`, source: 'retry-info', statedWaitUs: seconds * 1e6 };
}

function quotaMetricOf({ bucket }: AdmissionCheck, free: boolean): string {
  const tier = free ? 'free_tier' : 'paid_tier';
  return bucket.bound.limit.unit === 'requests'
    ? `generate_content_${tier}_requests`
    : `generate_content_${tier}_input_token_count`;
}

function quotaIdOf({ bucket }: AdmissionCheck, free: boolean): string {
  const { unit, spec } = bucket.bound.limit;
  const period = isDaily(spec) ? 'PerDay' : 'PerMinute';
  const tier = free ? '-FreeTier' : '';
  if (unit === 'requests') return `GenerateRequests${period}PerProjectPerModel${tier}`;
  return `GenerateContentInputTokensPerModel${period}${tier}`;
}
