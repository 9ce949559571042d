import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Observation } from '../recorded/observation.ts';
import type { RefusalDetails } from './limit-reading.ts';
import type { Range } from './range.ts';
import { keyAndModel } from './read-headers.ts';
import { parseRetryAfter, parseWait, roundedUpRange } from './read-wait.ts';

const PERIOD_US: Readonly<Record<string, number>> = {
  sec: 1e6,
  second: 1e6,
  min: 60e6,
  minute: 60e6,
  hour: 3600e6,
  day: 86_400e6,
};

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['input tokens', 'input-tokens'],
  ['output tokens', 'output-tokens'],
  ['images', 'images'],
  ['concurrent requests', 'concurrent'],
  ['concurrent connections', 'concurrent'],
]);

/** Codes of refusals because the budget is spent, which waiting does not end (`wire.md` 1.6, 2.2). */
const BILLING =
  /^(insufficient_quota|credit_balance_exhausted|\w*_spend_limit_(exceeded|reached)|organization_usage_limit_exceeded)$/;

type ParsedRefusal = Omit<RefusalDetails, 'index' | 'atUs' | 'key' | 'model'>;

/** Reads the message and Retry-After of a 429; returns undefined for other replies. */
export function readRefusal(reply: Observation, index: number): RefusalDetails | undefined {
  if (reply.status !== 429) return undefined;
  const { atUs, errorText = '', errorCode = '', errorType = '' } = reply;
  const parsed = openai(errorText) ?? anthropic(errorText) ?? azure(errorText) ?? gemini(errorText) ?? {};
  const waitUs = parsed.waitUs ?? parseRetryAfter(reply.headers, atUs) ?? fromBody(reply);
  const unit = parsed.unit ?? (errorType === 'requests' || errorType === 'tokens' ? errorType : undefined);
  return {
    index,
    atUs,
    ...keyAndModel(reply),
    ...parsed,
    ...(unit && { unit }),
    ...(waitUs && { waitUs }),
    ...((BILLING.test(errorCode) || BILLING.test(errorType)) && { permanent: 'billing' }),
  };
}

/** RetryInfo is rounded up to seconds. */
function fromBody({ requestedWaitUs, waitSource }: Observation): Range | undefined {
  return requestedWaitUs === undefined || waitSource === 'message' ? undefined : roundedUpRange(requestedWaitUs, 1e6);
}

/** `Rate limit reached for M (for limit P) in organization O on requests per min (RPM): Limit 3, Used 3, Requested 1.` */
function openai(text: string): ParsedRefusal | undefined {
  const named = /(?:Rate limit reached|Request too large) for .+? on (.+?)(?: \([A-Z]+\))?: Limit (\d+)/.exec(text);
  if (!named) return undefined;
  const [words, period] = named[1]!.split(' per ');
  const number = (name: string): number | undefined => {
    const found = new RegExp(`${name} (\\d+)`).exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const wait = /try again in ([\d.hms]+\w)\./.exec(text)?.[1];
  const pool = /\(for limit ([^)]+)\)/.exec(text)?.[1];
  const unit = UNITS.get(words!);
  const periodUs = period === undefined ? undefined : (PERIOD_US[period] ?? parseWait(period)?.low);
  const common = {
    unit,
    periodUs,
    limit: Number(named[2]),
    used: number('Used'),
    requested: number('Requested'),
    pool,
  };
  return omitUndefined({
    ...common,
    waitUs: wait === undefined ? undefined : parseWait(wait),
    owner: / in organization /.test(text) ? ('organization' as const) : undefined,
    permanent: text.startsWith('Request too large') ? ('too-large' as const) : undefined,
  });
}

/** `… the rate limit for your organization (O) of 20,000 input tokens per minute.` */
function anthropic(text: string): ParsedRefusal | undefined {
  const found = /rate limit for your organization.*? of ([\d,]+) ([a-z ]+?)(?: per (\w+))?\./.exec(text);
  if (!found) return undefined;
  const [, amount, words, period] = found;
  return omitUndefined({
    unit: UNITS.get(words!),
    limit: Number(amount!.replaceAll(',', '')),
    periodUs: period === undefined ? undefined : PERIOD_US[period],
    owner: 'organization' as const,
  });
}

/** `… have exceeded the token rate limit …`, older `… have exceeded token rate limit …`; `call` for requests. */
function azure(text: string): ParsedRefusal | undefined {
  const found = /exceeded (?:the )?(token|call) rate limit .*?(?:retry after (\d+) seconds|$)/is.exec(text);
  if (!found) return undefined;
  const wait = found[2];
  const unit = found[1]!.toLowerCase() === 'token' ? ('tokens' as const) : ('requests' as const);
  return omitUndefined({
    unit,
    waitUs: wait === undefined ? undefined : parseWait(wait),
    permanent: wait === '86400' ? ('too-large' as const) : undefined,
  });
}

/** `Quota exceeded for metric: …_requests, limit: 5, model: …`, `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`. */
function gemini(text: string): ParsedRefusal | undefined {
  const metric = /metric: \S*?(requests|token_count),/.exec(text)?.[1];
  const id = /Generate\w*?(Requests|InputTokens)\w*?Per(Minute|Day)\w*/.exec(text);
  const quota = /Generate\w*/.exec(id?.[0] ?? '')?.[0] ?? '';
  if (metric === undefined && !id) return undefined;
  const limit = /limit: (\d+)/.exec(text)?.[1] ?? /quotaValue\W+(\d+)/.exec(text)?.[1];
  const wait = /(?:retry in |retryDelay\W+)([\d.]+m?s)/.exec(text)?.[1];
  const periodUs = id ? PERIOD_US[id[2]!.toLowerCase()] : undefined;
  return omitUndefined({
    unit: metric === 'requests' || id?.[1] === 'Requests' ? ('requests' as const) : ('input-tokens' as const),
    limit: limit === undefined ? undefined : Number(limit),
    periodUs,
    waitUs: wait === undefined ? undefined : parseWait(wait),
    owner: quota.includes('PerProject') ? ('project' as const) : undefined,
    perModel: quota.includes('PerModel') ? true : undefined,
  });
}

function omitUndefined<T extends object>(raw: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)) as never;
}
