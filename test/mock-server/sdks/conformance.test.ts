import { Agent, fetch, interceptors } from 'undici';
import { describe, expect, it } from 'vitest';
import { modelJournal } from '../../../src/run/model.ts';
import { parseWith } from '../../../src/scenario/parse-with.ts';
import { scenarioSchema } from '../../../src/scenario/schema.ts';
import { runVirtualClient, type VirtualRun } from '../../src/run/run-virtual-client.ts';
import { ONE_PER_SECOND, serve } from './serve.ts';

/** Real clients against permanent refusals in virtual time. Numbers in titles refer to `wire.md` part 4. */
const from = (name: string): string => JSON.stringify(import.meta.resolve(name));
const ONE = '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]';
const FIFTY = '[{ executor: per-vu-iterations, vus: 50, iterations: 1 }]';

const OPENAI = `import OpenAI from ${from('openai')};
const openai = new OpenAI();
export default ({ model, prompt }) => openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });`;
const AI_SDK = `import { createOpenAI } from ${from('@ai-sdk/openai')};
import { generateText } from ${from('ai')};
const openai = createOpenAI({});
export default ({ model, prompt }) => generateText({ model: openai.chat(model), prompt });`;
const LANGCHAIN = `import { ChatOpenAI } from ${from('@langchain/openai')};
const chat = new ChatOpenAI({ model: 'gpt-4o-mini', configuration: { baseURL: process.env.OPENAI_BASE_URL } });
export default ({ prompt }) => chat.invoke(prompt);`;

/** Source of a client module that sends a plain POST; `request` uses the variables `url`, `headers` and `json`. */
const postWith = (imports: string, request: string): string => `${imports}
const headers = { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json' };
const url = process.env.OPENAI_BASE_URL + '/chat/completions';
export default async ({ model, prompt }) => {
  const json = { model, messages: [{ role: 'user', content: prompt }] };
  ${request}
};`;

/** Scenario YAML of a provider that refuses every call for a day, with further `settings`. */
const refusing = (settings: string, limit = '{ name: day, refill: 1/day, initial: 0 }'): string =>
  `provider:\n  limits: [${limit}]\n${settings}`;
const saying = (message: string, code = 'rate_limit_exceeded'): string =>
  `provider:\n  headers: none\n  answer:\n    rules:\n      - { match: {}, response: { status: 429, error: { message: "${message}", type: requests, code: ${code} } } }\n`;

/** Returns the milliseconds from the headers of each refusal to the next attempt. */
function gapsOf({ attempts }: VirtualRun): number[] {
  return attempts.slice(1).map(({ startUs }, index) => (startUs - attempts[index]!.headersUs!) / 1000);
}

async function refused(client: string, provider: string): Promise<VirtualRun> {
  const result = await runVirtualClient(client, ONE, { provider });
  expect(result.error).toBeUndefined();
  expect(result.calls).toMatchObject([{ result: 'error' }]);
  expect(result.attempts[0]?.status).toBe(429);
  return result;
}

function expectBetween(gaps: readonly number[], bounds: readonly (readonly [number, number])[]): void {
  expect(gaps).toHaveLength(bounds.length);
  for (const [index, [min, max]] of bounds.entries()) {
    expect(gaps[index]).toBeGreaterThanOrEqual(min);
    expect(gaps[index]).toBeLessThanOrEqual(max);
  }
}

describe.concurrent('openai', () => {
  it('59: no header: three attempts, 375–500 ms and 750–1000 ms apart, with retry counts', async () => {
    const result = await refused(OPENAI, refusing('  headers: none\n'));
    expectBetween(gapsOf(result), [
      [374, 501],
      [749, 1001],
    ]);
    expect(result.attempts.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
  });

  it('60: honours retry-after: 1', async () => {
    const result = await refused(OPENAI, refusing("  retryAfter: { literal: '1' }\n"));
    expect(gapsOf(result)).toEqual([1000, 1000]);
  });

  it('61: a daily limit requests 432 s: too long, so uses its own delays and fails', async () => {
    const result = await refused(OPENAI, refusing('', '{ name: day, refill: 200/day, initial: 0 }'));
    expect(result.attempts[0]?.retryAfterRaw).toBe('432');
    expectBetween(gapsOf(result), [
      [374, 501],
      [749, 1001],
    ]);
  });

  it('62: x-should-retry: false stops retries', async () => {
    expect((await refused(OPENAI, refusing('  shouldRetry: false\n'))).attempts).toHaveLength(1);
  });

  it('63: retries exhausted credit', async () => {
    const result = await refused(OPENAI, 'provider: { faults: [{ kind: refuse, says: credit-balance }] }');
    expect(result.attempts.map(({ errorCode }) => errorCode)).toEqual(Array(3).fill('credit_balance_exhausted'));
  });
});

describe.concurrent('ai', () => {
  it('64: no header: three attempts, exactly 2 and 4 s apart for all of fifty clients', async () => {
    const result = await runVirtualClient(AI_SDK, FIFTY, { provider: refusing('  headers: none\n') });
    const starts = result.attempts.map(({ startUs }) => startUs / 1000);
    expect(starts.filter((start) => start === 0)).toHaveLength(50);
    expect([...new Set(starts)]).toEqual([0, 2001, 6002]);
  });
});

describe.concurrent('LangChain', () => {
  it('65: no header, wait in the message: seven attempts, delays from 1–2 s upwards', async () => {
    const result = await refused(LANGCHAIN, saying('Rate limit reached. Please try again in 1.2s.'));
    expect(result.attempts).toHaveLength(7);
    const gaps = gapsOf(result);
    expect(gaps[0]).toBeGreaterThanOrEqual(1000);
    expect(gaps[0]).toBeLessThanOrEqual(2001);
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0]! * 4);
  });

  it('66: no header, no wait in the message: one attempt', async () => {
    expect((await refused(LANGCHAIN, saying('Rate limit reached.'))).attempts).toHaveLength(1);
  });

  it('67: exhausted quota: one attempt, by error name', async () => {
    const result = await refused(LANGCHAIN, 'provider: { faults: [{ kind: refuse, says: insufficient-quota }] }');
    expect(result.attempts).toHaveLength(1);
    expect(result.calls[0]?.error?.name).toBe('InsufficientQuotaError');
  });
});

describe.concurrent('68: clients that do not retry POST by default', () => {
  it.each([
    ['got', postWith(`import got from ${from('got')};`, 'await got.post(url, { headers, json });')],
    ['ky', postWith(`import ky from ${from('ky')};`, 'await ky.post(url, { headers, json });')],
    [
      'axios-retry',
      postWith(
        `import axios from ${from('axios')}; import axiosRetry from ${from('axios-retry')}; axiosRetry(axios);`,
        'await axios.post(url, json, { headers });',
      ),
    ],
    [
      'undici',
      postWith(
        `import { Agent, RetryAgent, request } from ${from('undici')}; const dispatcher = new RetryAgent(new Agent());`,
        "await request(url, { dispatcher, method: 'POST', headers, body: JSON.stringify(json) });",
      ),
    ],
  ])('%s', async (_name, source) => {
    expect((await refused(source, refusing(''))).attempts).toHaveLength(1);
  });
});

it('69: undici’s fetch with its retry interceptor sends a second request without a body', async () => {
  const limits = [{ ...ONE_PER_SECOND[0]!, chargeRejected: 'none' as const }];
  const { url, exchanges } = await serve({ limits, retryAfter: { literal: '0' } });
  const dispatcher = new Agent().compose(interceptors.retry({ methods: ['POST'] }));
  const post = (): Promise<unknown> =>
    fetch(`${url}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }),
    });
  await post();
  await expect(post()).rejects.toThrow('fetch failed');
  // fetch rejects before the second request has arrived.
  while (exchanges.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(exchanges.map(({ view }) => [view.status, view.bodyBytes === 0])).toEqual([
    [200, false],
    [429, false],
    [400, true],
  ]);
});

it('70: tenacity with the cookbook settings: all of fifty clients retry after exactly 1.00 s', () => {
  const raw = {
    name: 'cookbook',
    client: { model: 'tenacity-random-exponential' },
    load: [{ executor: 'per-vu-iterations' as const, vus: 50, iterations: 1 }],
    provider: { limits: [{ refill: '1/day', initial: 0 }] },
  };
  const records = modelJournal(parseWith(scenarioSchema, raw, 'scenario/invalid', 'wrong'), 'test');
  const second = records.flatMap((record) => (record.type === 'attempt' ? [record.startUs / 1000] : [])).slice(50, 100);
  expect(new Set(second)).toEqual(new Set([1001]));
});
