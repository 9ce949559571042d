import type { Check } from '../../admission/admission.ts';
import type { Says, Unit } from '../../admission/limit.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import type { Content, Refusal, RefusalKind, Trouble } from '../dialect.ts';
import { errorContent, serverFault, typeOf } from './errors.ts';

/** Refusals that no rate explains: what the provider sets is a 429, what the user set or has not paid is a 400. */
const OTHERS: Readonly<Record<Exclude<Says, 'rate-limit'>, { status: number; code: string; message: string }>> = {
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

export function kindOf({ bucket, decision }: Check): RefusalKind {
  const { limit } = bucket.bound;
  const says = limit.says ?? (limit.spec.algorithm === 'calendar-quota' ? 'organization-spend' : 'rate-limit');
  if (says === 'rate-limit') {
    return { status: 429, errorType: 'rate_limit_error', errorCode: '', says, toldUs: decision.retryAfterUs };
  }
  const { status, code } = OTHERS[says];
  const toldUs = says === 'slow-down' ? decision.retryAfterUs : Infinity;
  return { status, errorType: typeOf(status), errorCode: code, says, toldUs };
}

export function refusal({ subject, reported, kind }: Refusal, requestId: string): Content {
  if (kind.says !== 'rate-limit') return other(kind.says, requestId);
  const { unit, spec } = reported.bucket.bound.limit;
  const limit = `${amountOf(spec).toLocaleString('en-US')} ${unitWords(unit)}${periodWords(sustainedRate(spec)?.periodUs)}`;
  const message =
    `This request would exceed the rate limit for your organization (${subject.organization}) of ${limit}. For details, ` +
    'refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please ' +
    'reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at ' +
    'https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.';
  return errorContent(429, message, requestId);
}

export function trouble(what: Trouble, requestId: string): Content {
  if ('status' in what) return serverFault(what.status, requestId);
  if (what.says === 'rate-limit') return errorContent(429, 'This request would exceed your rate limit.', requestId);
  return other(what.says, requestId);
}

function other(says: Exclude<Says, 'rate-limit'>, requestId: string): Content {
  const { status, code, message } = OTHERS[says];
  return errorContent(status, message, requestId, code === '' ? undefined : code);
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
  ]);
  return periodUs === undefined ? '' : ` per ${words.get(periodUs) ?? `${periodUs / 1e6} seconds`}`;
}
