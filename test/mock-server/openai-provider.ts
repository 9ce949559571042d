import { createHash } from 'node:crypto';
import type { Limit, Unit } from '../../mock-server/admission/limit.ts';
import { createProvider, type Provider } from '../../mock-server/provider.ts';
import type { ProviderRequest, Reply } from '../../mock-server/reply.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';

export const KEY = 'sk-test-0123456789abcdef';
/** 2026-01-01T00:00:00Z. */
export const START_US = 1_767_225_600_000_000;
export const S = 1_000_000;

/** A token bucket limit of `amount` per minute or day. */
export function perPeriod(unit: Unit, amount: number, period: 'min' | 'day', rest: Partial<Limit> = {}): Limit {
  const refill = { amount, periodUs: (period === 'min' ? 60 : 86_400) * S };
  const spec = { algorithm: 'token-bucket', capacity: amount, refill } as const;
  return {
    name: `${unit} per ${period}`,
    scope: ['organization'],
    unit,
    spec,
    chargeRejected: 'none',
    ...rest,
  };
}

export function settings(rest: Partial<ProviderSettings> = {}): ProviderSettings {
  return {
    dialect: 'openai',
    seed: 1,
    faults: [],
    limits: [],
    retryAfter: 'ceil-seconds',
    dateSkewsUs: [],
    shouldRetry: null,
    headers: 'full',
    headersShow: 'longest',
    messageWait: 'integer',
    quotaCodes: 'legacy',
    account: 'paid',
    callTools: 'once',
    tokenizer: 'characters',
    latency: { firstToken: { fixedUs: 300_000 }, perToken: { fixedUs: 10_000 } },
    answer: 'lorem',
    answerTokens: 8,
    estimator: 'max',
    keys: [KEY],
    models: [],
    organization: 'org-quotalab',
    ...rest,
  };
}

export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

export function provider(rest: Partial<ProviderSettings> = {}): Provider {
  return createProvider(settings(rest), shortHash);
}

export function post(path: string, body: unknown, headers: Record<string, string> = {}): ProviderRequest {
  return {
    method: 'POST',
    target: path,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ip: '127.0.0.1',
  };
}

/** The smallest chat request: two characters of prompt, estimated at 16 tokens. */
export const HI = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] };

export const chat = (body: object = {}, headers: Record<string, string> = {}): ProviderRequest =>
  post('/v1/chat/completions', { ...HI, ...body }, headers);

export const text = ({ frames }: Reply): string => frames.map((frame) => frame.text).join('');

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client would.
export const json = (reply: Reply): any => JSON.parse(text(reply));

/** The data of each event of a stream, parsed except for `[DONE]`. */
// biome-ignore lint/suspicious/noExplicitAny: chunks are read as a client would.
export const events = (reply: Reply): any[] =>
  text(reply)
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
