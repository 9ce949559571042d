import type { AdmissionCheck } from '../../admission/admission.ts';
import type { RefusalReason, Unit } from '../../admission/limit.ts';
import { limitAmount, sustainedRate } from '../../admission/limit-rate.ts';
import { type AlgorithmSpec, algorithmOf } from '../../limiter/algorithms.ts';
import type { ReplySettings } from '../../reply-settings.ts';
import type { Refusal, RefusalKind, ResponseDraft } from '../dialect.ts';
import { errorResponse } from './errors.ts';
import { goDuration } from './go-duration.ts';
import { QUOTA_ERRORS, quotaErrorResponse } from './quota-errors.ts';

const LEARN_MORE = 'Visit https://platform.openai.com/account/rate-limits to learn more.';

const ADD_PAYMENT =
  ' You can increase your rate limit by adding a payment method to your account at ' +
  'https://platform.openai.com/account/billing.';

const PERIODS: ReadonlyMap<number, { readonly word: string; readonly letter: string }> = new Map([
  [1e6, { word: 'sec', letter: 'S' }],
  [60e6, { word: 'min', letter: 'M' }],
  [3600e6, { word: 'hour', letter: 'H' }],
  [86_400e6, { word: 'day', letter: 'D' }],
  [604_800e6, { word: 'week', letter: 'W' }],
]);

const UNITS: Readonly<Record<Unit, { readonly words: string; readonly letter: string }>> = {
  requests: { words: 'requests', letter: 'R' },
  tokens: { words: 'tokens', letter: 'T' },
  'input-tokens': { words: 'input tokens', letter: 'IT' },
  'output-tokens': { words: 'output tokens', letter: 'OT' },
  images: { words: 'images', letter: 'I' },
  concurrent: { words: 'concurrent requests', letter: 'C' },
};

/** Classifies a refusal: a rate limit, or a billing error for an exhausted calendar quota. */
export function classifyRefusal(refused: AdmissionCheck, settings: ReplySettings): RefusalKind {
  const { limit } = refused.bucket.bound;
  const reason = limit.says ?? defaultReason(refused, settings);
  if (reason !== 'rate-limit') {
    const { status, type, code } = QUOTA_ERRORS[reason];
    return {
      status,
      errorType: type,
      errorCode: code,
      reason,
      messageWaitUs: reason === 'slow-down' ? waitUs(refused) : Infinity,
    };
  }
  const errorType = limit.unit.endsWith('tokens') ? 'tokens' : 'requests';
  const messageWaitUs = settings.messageWait === 'exact' ? refused.decision.retryAfterUs : waitUs(refused);
  return { status: 429, errorType, errorCode: 'rate_limit_exceeded', reason, messageWaitUs };
}

function defaultReason({ bucket }: AdmissionCheck, { quotaCodes }: ReplySettings): RefusalReason {
  const { spec, scope } = bucket.bound.limit;
  const { restricts } = algorithmOf(spec);
  if (restricts !== 'quota') return restricts === 'growth' ? 'slow-down' : 'rate-limit';
  if (quotaCodes === 'legacy') return 'insufficient-quota';
  return scope.includes('project') ? 'project-spend' : 'organization-spend';
}

/** Builds the 429 response. */
export function refusalResponse({ subject, reported, kind }: Refusal, { account }: ReplySettings): ResponseDraft {
  if (kind.reason !== 'rate-limit') return quotaErrorResponse(kind.reason);
  const { model, organization } = subject;
  const message = rateLimitMessage(model, organization, reported, kind) + (account === 'free' ? ADD_PAYMENT : '');
  return errorResponse(kind.status, { message, type: kind.errorType, param: null, code: kind.errorCode });
}

function rateLimitMessage(
  model: string,
  organization: string,
  refused: AdmissionCheck,
  { messageWaitUs }: RefusalKind,
): string {
  const { limit } = refused.bucket.bound;
  if (limit.unit === 'images') return imagesMessage(organization, refused);
  const named = limit.pool === undefined || limit.pool === model ? model : `${model} (for limit ${limit.pool})`;
  const where = `for ${named} in organization ${organization} on ${limitName(limit.unit, limit.spec)}`;
  return messageWaitUs === Infinity ? tooLargeMessage(where, refused) : retryMessage(where, refused, messageWaitUs);
}

function retryMessage(where: string, { bucket, cost, decision }: AdmissionCheck, messageWaitUs: number): string {
  const amount = limitAmount(bucket.bound.limit.spec);
  const used = amount - decision.remaining;
  return (
    `Rate limit reached ${where}: Limit ${amount}, Used ${used}, Requested ${cost}. ` +
    `Please try again in ${goDuration(messageWaitUs)}. ${LEARN_MORE}`
  );
}

/** The message omits `Used` and the wait, since waiting cannot help; the error code is the same (`wire.md` 1.6). */
function tooLargeMessage(where: string, { bucket, cost }: AdmissionCheck): string {
  return (
    `Request too large ${where}: Limit ${limitAmount(bucket.bound.limit.spec)}, Requested ${cost}. ` +
    `The input or output tokens must be reduced in order to run successfully. ${LEARN_MORE}`
  );
}

/** The wording differs from the other limits; not confirmed by a capture (`wire.md` 1.6). */
function imagesMessage(organization: string, { bucket, cost, decision }: AdmissionCheck): string {
  const amount = limitAmount(bucket.bound.limit.spec);
  const current = amount - decision.remaining + cost;
  return (
    `Rate limit exceeded for images per minute in organization ${organization}. Limit: ${amount}/1min. ` +
    `Current: ${current}/1min. Please visit https://platform.openai.com/docs/guides/rate-limits to learn how to ` +
    'increase your rate limit.'
  );
}

/** Formats a limit as `requests per min (RPM)`; periods without an abbreviation are spelled out. */
function limitName(unit: Unit, spec: AlgorithmSpec): string {
  const { words, letter } = UNITS[unit];
  const rate = sustainedRate(spec);
  if (!rate) return words;
  const period = PERIODS.get(rate.periodUs);
  return period
    ? `${words} per ${period.word} (${letter}P${period.letter})`
    : `${words} per ${goDuration(rate.periodUs)}`;
}

/**
 * Returns the wait in the message, in microseconds. For buckets it follows from the integers in the message, (Used +
 * Requested − Limit) × period / amount, as in every capture (`wire.md` 1.7). Other algorithms use the limiter's
 * wait.
 */
function waitUs({ bucket, cost, decision }: AdmissionCheck): number {
  const { spec } = bucket.bound.limit;
  const rate = sustainedRate(spec);
  const computed = rate && algorithmOf(spec).refills === 'continuously' && decision.retryAfterUs !== Infinity;
  if (!computed) return decision.retryAfterUs;
  return Math.ceil(((cost - decision.remaining) * rate.periodUs) / rate.amount);
}
