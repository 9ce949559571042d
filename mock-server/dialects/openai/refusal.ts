import type { Check } from '../../admission/admission.ts';
import type { Says, Unit } from '../../admission/limit.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import type { AlgorithmSpec } from '../../limiter/algorithm.ts';
import type { ProviderSettings } from '../../settings.ts';
import type { Content, Refusal, RefusalKind } from '../dialect.ts';
import { errorContent } from './errors.ts';
import { goDuration } from './go-duration.ts';
import { SPENT, spentContent } from './spent.ts';

const LEARN_MORE = 'Visit https://platform.openai.com/account/rate-limits to learn more.';

const ADD_PAYMENT =
  ' You can increase your rate limit by adding a payment method to your account at ' +
  'https://platform.openai.com/account/billing.';

const PERIODS: ReadonlyMap<number, { readonly word: string; readonly letter: string }> = new Map([
  [1e6, { word: 'sec', letter: 'S' }],
  [60e6, { word: 'min', letter: 'M' }],
  [3600e6, { word: 'hour', letter: 'H' }],
  [86_400e6, { word: 'day', letter: 'D' }],
]);

const UNITS: Readonly<Record<Unit, { readonly words: string; readonly letter: string }>> = {
  requests: { words: 'requests', letter: 'R' },
  tokens: { words: 'tokens', letter: 'T' },
  'input-tokens': { words: 'input tokens', letter: 'IT' },
  'output-tokens': { words: 'output tokens', letter: 'OT' },
  images: { words: 'images', letter: 'I' },
  concurrent: { words: 'concurrent requests', letter: 'C' },
};

/** What the limit that is reported answers: a rate, or, for a spent calendar quota, a matter of billing. */
export function kindOf(refused: Check, settings: ProviderSettings): RefusalKind {
  const { limit } = refused.bucket.bound;
  const says = limit.says ?? saidByDefault(refused, settings);
  if (says !== 'rate-limit') {
    const { status, type, code } = SPENT[says];
    return {
      status,
      errorType: type,
      errorCode: code,
      says,
      toldUs: says === 'slow-down' ? waitUs(refused) : Infinity,
    };
  }
  const errorType = limit.unit.endsWith('tokens') ? 'tokens' : 'requests';
  const toldUs = settings.messageWait === 'exact' ? refused.decision.retryAfterUs : waitUs(refused);
  return { status: 429, errorType, errorCode: 'rate_limit_exceeded', says, toldUs };
}

function saidByDefault({ bucket }: Check, { quotaCodes }: ProviderSettings): Says {
  const { spec, scope } = bucket.bound.limit;
  if (spec.algorithm !== 'calendar-quota') return 'rate-limit';
  if (quotaCodes === 'legacy') return 'insufficient-quota';
  return scope.includes('project') ? 'project-spend' : 'organization-spend';
}

/** The 429 in words. */
export function refusal({ subject, reported, kind }: Refusal, { account }: ProviderSettings): Content {
  if (kind.says !== 'rate-limit') return spentContent(kind.says);
  const { model, organization } = subject;
  const message = messageOf(model, organization, reported, kind) + (account === 'free' ? ADD_PAYMENT : '');
  return errorContent(kind.status, { message, type: kind.errorType, param: null, code: kind.errorCode });
}

function messageOf(model: string, organization: string, refused: Check, { toldUs }: RefusalKind): string {
  const { limit } = refused.bucket.bound;
  if (limit.unit === 'images') return imagesMessage(organization, refused);
  const named = limit.pool === undefined || limit.pool === model ? model : `${model} (for limit ${limit.pool})`;
  const where = `for ${named} in organization ${organization} on ${limitName(limit.unit, limit.spec)}`;
  return toldUs === Infinity ? tooLarge(where, refused) : tryAgain(where, refused, toldUs);
}

function tryAgain(where: string, { bucket, cost, decision }: Check, toldUs: number): string {
  const amount = amountOf(bucket.bound.limit.spec);
  const used = amount - decision.remaining;
  return (
    `Rate limit reached ${where}: Limit ${amount}, Used ${used}, Requested ${cost}. ` +
    `Please try again in ${goDuration(toldUs)}. ${LEARN_MORE}`
  );
}

/** No `Used` and no wait: waiting cannot help, though the code is the same (`wire.md` 1.6). */
function tooLarge(where: string, { bucket, cost }: Check): string {
  return (
    `Request too large ${where}: Limit ${amountOf(bucket.bound.limit.spec)}, Requested ${cost}. ` +
    `The input or output tokens must be reduced in order to run successfully. ${LEARN_MORE}`
  );
}

/** Worded unlike the others; not confirmed by a capture (`wire.md` 1.6). */
function imagesMessage(organization: string, { bucket, cost, decision }: Check): string {
  const amount = amountOf(bucket.bound.limit.spec);
  const current = amount - decision.remaining + cost;
  return (
    `Rate limit exceeded for images per minute in organization ${organization}. Limit: ${amount}/1min. ` +
    `Current: ${current}/1min. Please visit https://platform.openai.com/docs/guides/rate-limits to learn how to ` +
    'increase your rate limit.'
  );
}

/** `requests per min (RPM)`; periods the provider has no word for are spelt out. */
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
 * The wait in the message. For buckets it follows from the integers beside it, (Used + Requested − Limit) × period /
 * amount, as every captured message shows (`wire.md` 1.7); other algorithms have no such formula and tell their own.
 */
function waitUs({ bucket, cost, decision }: Check): number {
  const { spec } = bucket.bound.limit;
  if (decision.retryAfterUs === Infinity) return Infinity;
  switch (spec.algorithm) {
    case 'token-bucket':
    case 'gcra':
    case 'leaky-meter':
      return Math.ceil(((cost - decision.remaining) * spec.refill.periodUs) / spec.refill.amount);
    default:
      return decision.retryAfterUs;
  }
}
