import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import { type Ending, endingOf } from '../../../mock-server/ending.ts';
import { createProvider } from '../../../mock-server/provider.ts';
import { hasHead, type Reply } from '../../../mock-server/reply.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { createModelProvider } from '../../../src/model/model-provider.ts';
import type { ModelReply } from '../../../src/model/model-reply.ts';
import { modelJournal } from '../../../src/run/model.ts';

import { loadScenario, scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { runVirtualClient } from '../run/run-virtual-client.ts';

const MODELS: Readonly<Record<DialectName, string>> = {
  openai: 'gpt-4o-mini',
  azure: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};

const FAULTS = [
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'hang', by: '90s' },
  { kind: 'slow', by: '2s' },
  { kind: 'slow-body', by: '2s' },
  { kind: 'truncate', after: 0 },
  { kind: 'truncate', after: 5 },
  { kind: 'stall', after: 2 },
  { kind: 'stall', after: '4 tokens', by: '30s' },
  { kind: 'quiet-end', after: 4 },
  { kind: 'missing-end' },
  { kind: 'error-event', after: 4 },
  { kind: 'error-event', after: 4, code: 'rate_limit_exceeded' },
  { kind: 'malformed-json' },
  { kind: 'malformed-event', after: 3 },
  { kind: 'content-type' },
  { kind: 'error-in-200' },
] as const;

/** What a reply becomes, as figures and verdicts see it, if the client leaves it alone for ten minutes. */
type Told = Pick<Ending, 'kind' | 'code' | 'source' | 'again' | 'place'> & {
  headUs: number | undefined;
  endUs: number;
};

const TEN_MINUTES_US = 600_000_000;

function told({ chars: _chars, ...ending }: Ending, headUs: number | undefined, endUs: number): Told {
  return { ...ending, headUs, endUs: Math.min(endUs, TEN_MINUTES_US) };
}

function toldByProvider(reply: Reply): Told {
  const { view, frames, ending } = reply;
  const outcomes = { complete: 'response', truncate: 'reset', reset: 'reset', stall: 'aborted' } as const;
  const headUs = hasHead(reply) ? wholeMs(reply.headAfterUs) : undefined;
  const endUs = ending === 'stall' ? Infinity : wholeMs(Math.max(reply.headAfterUs, frames.at(-1)?.afterUs ?? 0));
  const facts = { ...view, outcome: outcomes[ending], ...(headUs !== undefined && { headersUs: headUs }) };
  return told(endingOf(facts), headUs, endUs);
}

function toldByModel({ view, headAfterUs, endAfterUs, breaks }: ModelReply): Told {
  const outcome = endAfterUs === Infinity ? 'aborted' : breaks ? 'reset' : 'response';
  const facts = { ...view(1), outcome, ...(headAfterUs !== undefined && { headersUs: headAfterUs }) } as const;
  return told(endingOf(facts), headAfterUs, endAfterUs);
}

const wholeMs = (us: number): number => Math.max(1000, Math.ceil(us / 1000) * 1000);

async function scenarioOf(dialect: DialectName, stream: boolean, ...faults: object[]): Promise<Scenario> {
  const latency = { firstToken: { p50: '300ms', p99: '900ms' }, perToken: { p50: '10ms', p99: '40ms' } };
  return scenarioFrom(
    {
      name: 'damaged',
      client: { model: 'none' },
      provider: { dialect, latency, faults: faults.map((fault) => ({ every: 2, ...fault })) } as never,
      call: { model: MODELS[dialect], stream, prompt: 'hello', maxTokens: 30 },
      load: [{ executor: 'per-vu-iterations', vus: 1, iterations: 1 }],
    },
    tmpdir(),
  );
}

/** Faults that hit one request together. */
const COMBINED = [
  [{ kind: 'slow', by: '2s' }, { status: 503 }],
  [
    { kind: 'slow-body', by: '1s' },
    { kind: 'refuse', says: 'slow-down', retryAfter: 7 },
  ],
  [{ status: 500 }, { kind: 'truncate' }],
  [{ kind: 'stall', by: '3s' }, { status: 500 }],
  [{ kind: 'quiet-end', after: 2 }, { kind: 'slow', by: '1s' }, { kind: 'content-type' }],
  [
    { kind: 'reset', after: '2s' },
    { kind: 'slow', by: '1s' },
  ],
  [
    { kind: 'hang', by: '2s' },
    { kind: 'slow', by: '1s' },
  ],
];

const hashed = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

describe('a model meets the same ending of each reply as the client itself', () => {
  const cases = (Object.keys(MODELS) as DialectName[]).flatMap((dialect) =>
    [false, true].map((stream) => ({ dialect, stream })),
  );

  it.each(cases)('$dialect, stream $stream', async ({ dialect, stream }) => {
    const kinds = new Set<string>();
    for (const fault of FAULTS) {
      const scenario = await scenarioOf(dialect, stream, fault);
      const provider = createProvider(scenario.provider, hashed);
      provider.start(scenario.startUs);
      const model = createModelProvider(scenario);
      // Every second reply is damaged; the ones between show that both draw the same latency afterwards.
      for (let n = 0; n < 4; n++) {
        const nowUs = scenario.startUs + n * 5_000_000;
        const real = toldByProvider(provider.receive(requestOf(scenario), nowUs));
        expect({ fault, n, ...toldByModel(model.reply({ ...scenario.call, prompt: 'hello' }, nowUs)) }).toEqual({
          fault,
          n,
          ...real,
        });
        kinds.add(real.kind);
      }
    }
    const always = ['answered', 'broken', 'unreadable', 'abandoned'];
    expect([...kinds].sort()).toEqual([...always, ...(stream ? ['overloaded', 'refused'] : [])].sort());
  });
});

it.each(COMBINED.map((faults) => [faults.map((fault) => JSON.stringify(fault)).join(', '), faults] as const))(
  'several faults on one reply end it alike for both: %s',
  async (_, faults) => {
    for (const stream of [false, true]) {
      const scenario = await scenarioOf('openai', stream, ...faults);
      const provider = createProvider(scenario.provider, hashed);
      provider.start(scenario.startUs);
      const model = createModelProvider(scenario);
      for (let n = 0; n < 4; n++) {
        const nowUs = scenario.startUs + n * 5_000_000;
        const reply = provider.receive(requestOf(scenario), nowUs);
        const modelled = model.reply({ ...scenario.call, prompt: 'hello' }, nowUs);
        expect({ n, ...toldByModel(modelled) }).toEqual({ n, ...toldByProvider(reply) });
        expect(modelled.view(1).fault).toBe(reply.view.fault);
        expect(reply.view.fault?.includes('+') ?? false).toBe(n % 2 === 1);
      }
    }
  },
);

function requestOf({ provider, call }: Scenario) {
  const { reader, environment } = DIALECTS[provider.dialect];
  const { path, headers, body, baseVariable } = reader.promptFormat;
  const asked = { ...call, prompt: 'hello' };
  return {
    method: 'POST',
    target: environment('', 'sk-test')[baseVariable]! + path(asked),
    headers: headers('sk-test'),
    body: JSON.stringify(body(asked)),
    ip: '127.0.0.1',
  };
}

/** Reads an answer to its end and takes nothing for one that is none; gives an attempt two seconds, and tries three times. */
const STRICT = `
const read = async (call, env) => {
  const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ model: call.model, stream: call.stream, messages: [{ role: 'user', content: call.prompt }] }),
    signal: AbortSignal.timeout(2000),
  });
  if (!response.ok) throw new Error('HTTP ' + response.status);
  const text = await response.text();
  const type = response.headers.get('content-type');
  if (!type.includes(call.stream && text.startsWith('data') ? 'event-stream' : 'json')) throw new Error(type);
  const data = call.stream ? text.split('\\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)) : [text];
  const parsed = data.filter((one) => one !== '[DONE]').map((one) => JSON.parse(one));
  if (parsed.some(({ error }) => error)) throw new Error('error');
  if (!parsed.some(({ choices }) => choices?.[0]?.finish_reason)) throw new Error('cut');
};
export default async function (call, { env }) {
  for (let n = 0; ; n++) {
    try { return await read(call, env); } catch (error) { if (n === 2) throw error; await new Promise((wake) => setTimeout(wake, 1000)); }
  }
}`;

const attemptsOf = (records: readonly JournalRecord[]): AttemptRecord[] =>
  records.filter((record) => record.type === 'attempt');

/** A film strip: when each attempt started and ended, and how. */
const film = (records: readonly JournalRecord[]): string[] =>
  attemptsOf(records).map((attempt) => {
    const { kind, code, source, again, place } = endingOf(attempt);
    return [attempt.call, attempt.startUs, attempt.headersUs, attempt.endUs, kind, code, source, again, place].join(
      ' ',
    );
  });

describe('a model retries them as its client does, attempt by attempt', () => {
  it.each(FAULTS.map((fault, n) => [JSON.stringify(fault), n % 2 === 0, fault] as const))(
    '%s, stream %s',
    async (_, stream, fault) => {
      const load = '[{ executor: constant-vus, vus: 4, duration: 12s, wait: { constant: 300ms } }]';
      const provider = `
call: { stream: ${stream} }
provider:
  limits: [{ name: requests, scope: organization, capacity: 3, refill: 3/s }]
  latency: { firstToken: { p50: 200ms, p99: 600ms }, perToken: 1ms }
  faults: [${JSON.stringify({ rate: 0.3, ...fault })}]`;
      const file = join(mkdtempSync(join(tmpdir(), 'quotalab-damaged-')), 'scenario.yaml');
      const client = '{ model: fixed, timeout: 2s, retries: { max: 2 } }';
      writeFileSync(file, `name: film\nclient: ${client}\nload: ${load}\n${provider}`);
      const modelled = modelJournal(await loadScenario(file), 'quotalab test');
      const real = await runVirtualClient(STRICT, load, { provider });
      expect(attemptsOf(modelled).filter((attempt) => attempt.fault === fault.kind).length).toBeGreaterThan(3);
      expect(film(modelled)).toEqual(film(real.records));
    },
  );
});
