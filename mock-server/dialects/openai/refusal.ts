import type { Check } from '../../admission/admission.ts';
import type { Unit } from '../../admission/limit.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import type { AlgorithmSpec } from '../../limiter/algorithm.ts';
import type { Content, RefusalKind } from '../dialect.ts';
import { errorContent } from './errors.ts';
import { goDuration } from './go-duration.ts';

const LEARN_MORE = 'Visit https://platform.openai.com/account/rate-limits to learn more.';

const QUOTA =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
  'read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.';

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
  concurrent: { words: 'concurrent requests', letter: 'C' },
};

/**
 * What the limit that is reported answers. A spent calendar quota is a matter of billing and says `insufficient_quota`;
 * everything else is `rate_limit_exceeded`.
 */
export function kindOf(refused: Check): RefusalKind {
  const { limit } = refused.bucket.bound;
  if (limit.spec.algorithm === 'calendar-quota') {
    return { status: 429, errorType: 'insufficient_quota', errorCode: 'insufficient_quota', toldUs: Infinity };
  }
  const errorType = limit.unit.endsWith('tokens') ? 'tokens' : 'requests';
  return { status: 429, errorType, errorCode: 'rate_limit_exceeded', toldUs: toldWaitUs(refused) };
}

/** The 429 in words. */
export function refusal(model: string, organization: string, refused: Check, kind: RefusalKind): Content {
  const { status, errorType: type, errorCode: code } = kind;
  return errorContent(status, { message: messageOf(model, organization, refused, kind), type, param: null, code });
}

function messageOf(model: string, organization: string, refused: Check, { errorCode, toldUs }: RefusalKind): string {
  if (errorCode === 'insufficient_quota') return QUOTA;
  const { limit } = refused.bucket.bound;
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
function toldWaitUs({ bucket, cost, decision }: Check): number {
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
