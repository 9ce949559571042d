import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Observation } from '../recorded/observation.ts';
import type { Range } from './range.ts';
import { whoAsked } from './read-headers.ts';
import { readRetryAfter, readWait, roundedUp } from './read-wait.ts';
import type { RefusalWords } from './reading.ts';

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

/** Codes of refusals that no wait helps: the money is gone (`wire.md` 1.6, 2.2). */
const BILLING =
  /^(insufficient_quota|credit_balance_exhausted|\w*_spend_limit_(exceeded|reached)|organization_usage_limit_exceeded)$/;

type Said = Omit<RefusalWords, 'index' | 'atUs' | 'key' | 'model'>;

/** What a 429 says in words and by Retry-After; undefined for answers that are no 429. */
export function readRefusal(answer: Observation, index: number): RefusalWords | undefined {
  if (answer.status !== 429) return undefined;
  const { atUs, errorText = '', errorCode = '', errorType = '' } = answer;
  const said = openai(errorText) ?? anthropic(errorText) ?? azure(errorText) ?? gemini(errorText) ?? {};
  const told = said.waitUs ?? readRetryAfter(answer.headers, atUs) ?? fromBody(answer);
  const unit = said.unit ?? (errorType === 'requests' || errorType === 'tokens' ? errorType : undefined);
  return {
    index,
    atUs,
    ...whoAsked(answer),
    ...said,
    ...(unit && { unit }),
    ...(told && { waitUs: told }),
    ...((BILLING.test(errorCode) || BILLING.test(errorType)) && { hopeless: 'billing' }),
  };
}

/** RetryInfo, in seconds rounded up. */
function fromBody({ toldWaitUs, toldBy }: Observation): Range | undefined {
  return toldWaitUs === undefined || toldBy === 'message' ? undefined : roundedUp(toldWaitUs, 1e6);
}

/** `Rate limit reached for M (for limit P) in organization O on requests per min (RPM): Limit 3, Used 3, Requested 1.` */
function openai(text: string): Said | undefined {
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
  const periodUs = period === undefined ? undefined : (PERIOD_US[period] ?? readWait(period)?.low);
  const said = { unit, periodUs, limit: Number(named[2]), used: number('Used'), requested: number('Requested'), pool };
  return defined({
    ...said,
    waitUs: wait === undefined ? undefined : readWait(wait),
    owner: / in organization /.test(text) ? ('organization' as const) : undefined,
    hopeless: text.startsWith('Request too large') ? ('too-large' as const) : undefined,
  });
}

/** `… the rate limit for your organization (O) of 20,000 input tokens per minute.` */
function anthropic(text: string): Said | undefined {
  const found = /rate limit for your organization.*? of ([\d,]+) ([a-z ]+?)(?: per (\w+))?\./.exec(text);
  if (!found) return undefined;
  const [, amount, words, period] = found;
  return defined({
    unit: UNITS.get(words!),
    limit: Number(amount!.replaceAll(',', '')),
    periodUs: period === undefined ? undefined : PERIOD_US[period],
    owner: 'organization' as const,
  });
}

/** `… have exceeded the token rate limit …`, older `… have exceeded token rate limit …`; `call` for requests. */
function azure(text: string): Said | undefined {
  const found = /exceeded (?:the )?(token|call) rate limit .*?(?:retry after (\d+) seconds|$)/is.exec(text);
  if (!found) return undefined;
  const wait = found[2];
  const unit = found[1]!.toLowerCase() === 'token' ? ('tokens' as const) : ('requests' as const);
  return defined({
    unit,
    waitUs: wait === undefined ? undefined : readWait(wait),
    hopeless: wait === '86400' ? ('too-large' as const) : undefined,
  });
}

/** `Quota exceeded for metric: …_requests, limit: 5, model: …`, `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`. */
function gemini(text: string): Said | undefined {
  const metric = /metric: \S*?(requests|token_count),/.exec(text)?.[1];
  const id = /Generate\w*?(Requests|InputTokens)\w*?Per(Minute|Day)\w*/.exec(text);
  const quota = /Generate\w*/.exec(id?.[0] ?? '')?.[0] ?? '';
  if (metric === undefined && !id) return undefined;
  const limit = /limit: (\d+)/.exec(text)?.[1] ?? /quotaValue\W+(\d+)/.exec(text)?.[1];
  const wait = /(?:retry in |retryDelay\W+)([\d.]+m?s)/.exec(text)?.[1];
  const periodUs = id ? PERIOD_US[id[2]!.toLowerCase()] : undefined;
  return defined({
    unit: metric === 'requests' || id?.[1] === 'Requests' ? ('requests' as const) : ('input-tokens' as const),
    limit: limit === undefined ? undefined : Number(limit),
    periodUs,
    waitUs: wait === undefined ? undefined : readWait(wait),
    owner: quota.includes('PerProject') ? ('project' as const) : undefined,
    perModel: quota.includes('PerModel') ? true : undefined,
  });
}

function defined<T extends object>(raw: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)) as never;
}
