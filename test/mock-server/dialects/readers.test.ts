import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit, Unit } from '../../../mock-server/admission/limit.ts';
import { findEndpoint, isBillingError, readLimits, readReply } from '../../../mock-server/dialects/any-dialect.ts';
import { type Body, parseBody } from '../../../mock-server/dialects/body.ts';
import { DIALECT_NAMES, DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import { countAnswerChars } from '../../../mock-server/dialects/inspect-body.ts';
import type { PlainPrompt } from '../../../mock-server/dialects/reader.ts';
import { parseWaitMessage } from '../../../mock-server/dialects/stated-wait.ts';
import { asObject } from '../../../mock-server/json-value.ts';
import type { Provider } from '../../../mock-server/provider.ts';
import type { ProviderRequest, Reply } from '../../../mock-server/reply.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { streamedText } from '../../../src/client/plain-request.ts';
import { perPeriod, provider, S, START_US, text } from '../openai-provider.ts';

/** Each reader reads exactly what its dialect wrote. */

const KEY = 'key-0123456789';
const PROMPT: PlainPrompt = { model: 'm', prompt: 'hi', maxTokens: 20, stream: false };

const dialect = (name: DialectName, rest: Partial<ProviderSettings> = {}): Provider =>
  provider({ dialect: name, keys: 'any', models: 'any', ...rest });

/** The plain request of a dialect, as a client sends it. */
function requestOf(name: DialectName, prompt: Partial<PlainPrompt> = {}): ProviderRequest {
  const { environment, reader } = DIALECTS[name];
  const { baseVariable, path, headers, body } = reader.promptFormat;
  const whole = { ...PROMPT, ...prompt };
  const base = new URL(environment('http://localhost', KEY)[baseVariable]!).pathname.replace(/\/$/, '');
  return {
    method: 'POST',
    target: base + path(whole),
    headers: headers(KEY),
    body: JSON.stringify(body(whole)),
    ip: '127.0.0.1',
  };
}
const send = (name: DialectName, target: Provider, prompt: Partial<PlainPrompt> = {}): Reply =>
  target.receive(requestOf(name, prompt), START_US);
const bodyOf = (reply: Reply): Body => parseBody(text(reply))!;

/** The second reply of a limit that admits one request. */
function refusal(name: DialectName, limit: Limit, rest: Partial<ProviderSettings> = {}): Reply {
  const target = dialect(name, { limits: [limit], ...rest });
  send(name, target);
  const reply = send(name, target);
  expect(reply.view.deniedBy).toBe(limit.name);
  return reply;
}

describe.each(DIALECT_NAMES)('%s', (name) => {
  const { reader, mainEndpoint } = DIALECTS[name];

  it('a plain request: model, stream, maximum, endpoint, key, host', () => {
    for (const stream of [false, true]) {
      const request = requestOf(name, { stream });
      const path = request.target.split('?')[0]!;
      const facts = reader.readRequest(parseBody(request.body), path);
      expect({ stream: false, ...facts }).toEqual({ model: 'm', stream, maxTokens: 20 });
      const { view } = dialect(name).receive(request, START_US);
      expect(view).toMatchObject({ status: 200, model: 'm', stream });
      expect(reader.endpoints.find(([pattern]) => pattern.test(path))?.[1]).toBe(view.endpoint);
      expect(findEndpoint(path)).toBe(view.endpoint);
      expect(reader.keyHeaders.filter((header) => request.headers[header]?.endsWith(KEY))).toHaveLength(1);
    }
    expect(send(name, dialect(name)).view.endpoint).toBe(mainEndpoint);
    expect(reader.hosts.test(new URL(DIALECTS[name].origin.replace('*', 'mine')).hostname)).toBe(true);
  });

  it('an answer: usage and text, in one body and in a stream', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.integer({ min: 1, max: 500 }), (fixed, words) => {
        const target = dialect(name, { answer: { fixed }, answerTokens: 1000 });
        const prompt = { prompt: 'word '.repeat(words), maxTokens: 1000 };
        const reply = send(name, target, prompt);
        const { promptTokens, completionTokens } = reply.view;
        const body = bodyOf(reply);
        expect(reader.answerText(body)).toBe(fixed);
        expect(reader.readReply(body)).toEqual({ promptTokens, completionTokens });
        expect(readReply(body)).toEqual({ promptTokens, completionTokens });
        expect(streamedText(name, text(send(name, target, { ...prompt, stream: true })))).toBe(fixed);
      }),
      { numRuns: 20, examples: [['line\u2028separator', 1]] },
    );
  });

  it('characters of a broken stream', () => {
    const faults = [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does: { kind: 'truncate', after: 6 } as const }];
    const { view } = send(name, dialect(name, { faults, answer: { fixed: 'a\u2028b'.repeat(40) } }), { stream: true });
    expect(view.sentChars).toBeGreaterThan(0);
    expect(view.sentChars).toBeLessThan(view.answerChars!);
  });

  it('limit headers', () => {
    const amounts = fc.record({
      requests: fc.integer({ min: 2, max: 1e6 }),
      tokens: fc.integer({ min: 5e3, max: 1e9 }),
    });
    fc.assert(
      fc.property(amounts, ({ requests, tokens }) => {
        const limits = [perPeriod('requests', requests, 'min'), perPeriod('tokens', tokens, 'day')];
        const target = dialect(name, { limits });
        const { headers } = send(name, target);
        const stated = reader.readLimits(headers, START_US);
        const states = target.buckets(START_US);
        expect(stated.map(({ unit }) => unit)).toEqual(name === 'gemini' ? [] : ['requests', 'tokens']);
        expect(readLimits(headers, START_US)).toEqual(stated);
        for (const { unit, limit, remaining, rounding, resetUs } of stated) {
          expect(limit).toBe(unit === 'requests' ? requests : tokens);
          const left = states.find(({ limit: of }) => of.startsWith(unit))!.remaining;
          expect(Math.abs(remaining - left)).toBeLessThanOrEqual(rounding);
          // Linear refill: missing units return at the rate of the limit.
          const exactUs = (((limit - left) * (unit === 'requests' ? 60 : 86_400)) / limit) * S;
          expect(resetUs!.low).toBeLessThanOrEqual(Math.ceil(exactUs));
          expect(resetUs!.high).toBeGreaterThanOrEqual(Math.floor(exactUs) - 1000);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each<[Unit, 'min' | 'day']>([
    ['requests', 'min'],
    ['requests', 'day'],
    ['input-tokens', 'min'],
    ['tokens', 'min'],
  ])('a refusal by %s per %s: unit, size, period, wait', (unit, period) => {
    // One request is admitted: the second costs as much as the first.
    const first = dialect(name, { limits: [perPeriod(unit, 1e6, period)] });
    const { cost } = send(name, first).view.limits[0]!;
    const reply = refusal(name, perPeriod(unit, cost, period));
    const body = bodyOf(reply);
    const { errorText = '', errorCode, errorType, retryDelay } = reader.readReply(body);
    // Gemini's text for a record has the id of the quota instead of the wait.
    const stated = { ...reader.readRefusal(String(asObject(body.error).message)), ...reader.readRefusal(errorText) };
    const periodUs = (period === 'min' ? 60 : 86_400) * S;
    const { admitAfterUs } = reply.view;
    // Azure says "call" or "token" only; Gemini counts input.
    const countsTokens = unit !== 'requests';
    const read =
      name === 'azure' ? (countsTokens ? 'tokens' : unit) : name === 'gemini' && countsTokens ? 'input-tokens' : unit;
    expect(stated.unit).toBe(read);
    if (name !== 'azure') expect(stated).toMatchObject({ limit: cost, periodUs });
    // Anthropic's message has no wait; Gemini's is never above a minute.
    if (name === 'anthropic') expect(stated.waitUs).toBeUndefined();
    else if (name === 'gemini' && period === 'day') expect(stated.waitUs!.high).toBeLessThanOrEqual(60 * S + 999);
    else {
      expect(stated.waitUs!.low).toBeLessThanOrEqual(admitAfterUs!);
      expect(stated.waitUs!.high + S).toBeGreaterThanOrEqual(admitAfterUs!);
    }
    if (name === 'openai' || name === 'azure')
      expect(Math.abs(parseWaitMessage(errorText)! - admitAfterUs!)).toBeLessThan(S);
    expect(retryDelay).toBe(name === 'gemini' ? reply.view.retryAfterRaw : undefined);
    expect(errorCode ?? errorType).toBe(reply.view.errorCode ?? reply.view.errorType);
    for (const other of DIALECT_NAMES)
      if (other !== name) expect(DIALECTS[other].reader.readRefusal(errorText)).toBeUndefined();
  });

  it.each([
    'insufficient-quota',
    'credit-balance',
    'organization-spend',
    'project-spend',
    'organization-usage',
    'slow-down',
    'rate-limit',
  ] as const)('a refusal for %s is classified as a billing error or not', (says) => {
    const reply = refusal(name, perPeriod('requests', 1, 'min', { says }));
    const { errorCode, errorType } = readReply(bodyOf(reply));
    const isBilling = isBillingError(errorCode) || isBillingError(errorType);
    const hasBilling = name === 'openai' || (name === 'anthropic' && reply.status === 429);
    expect(isBilling).toBe(hasBilling && says !== 'slow-down' && says !== 'rate-limit');
  });
});

it('arguments of a tool call are no text of the answer, in a body and in a stream of the Responses API', () => {
  const tools = [
    { type: 'function', name: 'book', parameters: { type: 'object', properties: { day: { type: 'string' } } } },
  ];
  for (const stream of [false, true]) {
    const body = JSON.stringify({ model: 'gpt-4o', input: 'hi', tools, tool_choice: 'required', stream });
    const reply = dialect('openai').receive({ ...requestOf('openai'), target: '/v1/responses', body }, START_US);
    expect(text(reply)).toContain('function_call');
    expect([reply.view.answerChars, countAnswerChars(text(reply))]).toEqual([0, 0]);
  }
});
