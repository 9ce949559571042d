import type { AdmissionCheck } from '../../admission/admission.ts';
import type { RefusalReason, Unit } from '../../admission/limit.ts';
import { limitAmount, sustainedRate } from '../../admission/limit-rate.ts';
import { algorithmOf } from '../../limiter/algorithms.ts';
import type { FailureContext, ProviderFailure, Refusal, RefusalKind, ResponseDraft } from '../dialect.ts';
import { errorResponse, errorTypeOf, statusError } from './errors.ts';

/**
 * Refusals other than rate limits: 429 for limits set by the provider, 400 for the user's own limit or missing
 * credit.
 */
const BILLING_ERRORS: Readonly<
  Record<Exclude<RefusalReason, 'rate-limit'>, { status: number; code: string; message: string }>
> = {
  'insufficient-quota': lowCredit(),
  'credit-balance': lowCredit(),
  'organization-spend': {
    status: 429,
    code: 'enforced_spend_limit_reached',
    message: "You have reached the monthly spend limit of your organization's usage tier.",
  },
  'organization-usage': {
    status: 429,
    code: 'contract_spend_limit_reached',
    message: "You have reached the spend limit of your organization's contract.",
  },
  'project-spend': {
    status: 400,
    code: '',
    message:
      'You have reached your specified workspace API usage limits. You will regain access when the month begins.',
  },
  'slow-down': {
    status: 429,
    code: 'ramp_limit_exceeded',
    message: 'Your usage has grown too quickly. Please raise your request rate step by step.',
  },
};

function lowCredit() {
  const message =
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase ' +
    'credits.';
  return { status: 400, code: '', message };
}

/** What a refusal says where the limit does not say it. */
const DEFAULT_REASONS = {
  rate: 'rate-limit',
  concurrency: 'rate-limit',
  quota: 'organization-spend',
  growth: 'slow-down',
} as const;

export function classifyRefusal({ bucket, decision }: AdmissionCheck): RefusalKind {
  const { limit } = bucket.bound;
  const reason = limit.says ?? DEFAULT_REASONS[algorithmOf(limit.spec).restricts];
  if (reason === 'rate-limit') {
    return { status: 429, errorType: 'rate_limit_error', errorCode: '', reason, messageWaitUs: decision.retryAfterUs };
  }
  const { status, code } = BILLING_ERRORS[reason];
  const messageWaitUs = reason === 'slow-down' ? decision.retryAfterUs : Infinity;
  return { status, errorType: errorTypeOf(status), errorCode: code, reason, messageWaitUs };
}

export function refusalResponse({ subject, reported, kind }: Refusal, requestId: string): ResponseDraft {
  if (kind.reason !== 'rate-limit') return billingError(kind.reason, requestId);
  const { unit, spec } = reported.bucket.bound.limit;
  const limit = `${limitAmount(spec).toLocaleString('en-US')} ${unitWords(unit)}${periodWords(sustainedRate(spec)?.periodUs)}`;
  const message =
    `This request would exceed the rate limit for your organization (${subject.organization}) of ${limit}. For details, ` +
    'refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please ' +
    'reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at ' +
    'https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.';
  return errorResponse(429, message, requestId);
}

export function failureResponse(failure: ProviderFailure, { requestId, subject }: FailureContext): ResponseDraft {
  if ('status' in failure) return statusError(failure.status, subject.model, requestId);
  return failure.says === 'rate-limit'
    ? statusError(429, subject.model, requestId)
    : billingError(failure.says, requestId);
}

function billingError(reason: Exclude<RefusalReason, 'rate-limit'>, requestId: string): ResponseDraft {
  const { status, code, message } = BILLING_ERRORS[reason];
  return errorResponse(status, message, requestId, code === '' ? undefined : code);
}

function unitWords(unit: Unit): string {
  return unit === 'concurrent' ? 'concurrent connections' : unit.replace('-', ' ');
}

function periodWords(periodUs: number | undefined): string {
  const words = new Map([
    [1e6, 'second'],
    [60e6, 'minute'],
    [3600e6, 'hour'],
    [86_400e6, 'day'],
    [604_800e6, 'week'],
  ]);
  return periodUs === undefined ? '' : ` per ${words.get(periodUs) ?? `${periodUs / 1e6} seconds`}`;
}
