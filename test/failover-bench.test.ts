import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS } from '../mock-server/dialects/dialects.ts';
import { streamedChars } from '../mock-server/dialects/streamed-chars.ts';
import { openProvider } from '../mock-server/open-provider.ts';
import type { Provider } from '../mock-server/provider.ts';
import type { Reply } from '../mock-server/reply.ts';
import { type BenchRow, runBenchSystem } from '../scripts/failover-bench-rows.ts';
import type { AttemptRecord, CallRecord } from '../src/journal/call-records.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { chat, json, S, START_US, text } from './mock-server/openai-provider.ts';
import { runToEnd } from './run-to-end.ts';

const SCENARIO = fileURLToPath(new URL('../scenarios/failover-bench/scenario.yaml', import.meta.url));
const scenario = await loadScenario(SCENARIO, {});
const { answer } = scenario.provider;
const ANSWER =
  typeof answer === 'object' && 'rules' in answer && typeof answer.otherwise === 'object' ? answer.otherwise.fixed : '';

/** Of S01 to S16, in this order. */
const MODELS = scenario.load.map(({ name = '' }) => name);

const USER = { role: 'user', content: 'Explain.' };

describe('each model on the wire', () => {
  let provider: Provider;

  /** The reply to a streamed request `atS` seconds after the start. */
  const ask = (model: string, atS = 0, messages: object[] = [USER]): Reply =>
    provider.receive(
      chat({ model, messages, stream: true, stream_options: { include_usage: true } }),
      START_US + atS * S,
    );
  const statuses = (model: string, ...atS: number[]): number[] => atS.map((at) => ask(model, at).status);

  beforeAll(async () => {
    provider = await openProvider(scenario.provider);
    provider.start(START_US);
  });

  it('the answer has sixty words, one token each', () => {
    expect(ANSWER.split(' ')).toHaveLength(60);
    expect(words(ask('fb-ok'))).toBe(60);
    expect(answerOf(ask('fb-ok'))).toBe(ANSWER);
  });

  it('S01: one 429 that asks for 2 s', () => {
    const refusal = ask('fb-s01-429-retry-after');
    expect(refusal).toMatchObject({ status: 429, headers: { 'retry-after': '2' }, view: { retryAfterUs: 2 * S } });
    expect(statuses('fb-s01-429-retry-after', 2, 3)).toEqual([200, 200]);
  });

  it('S02: 429 without Retry-After, for ever', () => {
    const refusal = ask('fb-s02-429-persistent');
    expect(Object.keys(refusal.headers).filter((name) => name.includes('retry-after'))).toEqual([]);
    expect(json(refusal).error.code).toBe('rate_limit_exceeded');
    expect(statuses('fb-s02-429-persistent', 1, 10, 3600)).toEqual([429, 429, 429]);
  });

  it('S03: one 500', () => {
    expect(statuses('fb-s03-500-then-200', 0, 1, 2)).toEqual([500, 200, 200]);
  });

  it('S04 and S16: 503 for ever', () => {
    expect(statuses('fb-s04-503-persistent', 0, 1, 3600)).toEqual([503, 503, 503]);
    expect(statuses('fb-s16-503-persistent', 0, 1, 3600)).toEqual([503, 503, 503]);
  });

  it('S05: one reset before the head', () => {
    expect(ask('fb-s05-reset')).toMatchObject({ ending: 'reset', headAfterUs: 0, frames: [] });
    expect(statuses('fb-s05-reset', 1, 2)).toEqual([200, 200]);
  });

  it('S06: nothing for 120 s, then a broken connection; each time', () => {
    for (const at of [0, 31, 62])
      expect(ask('fb-s06-no-response', at)).toMatchObject({ ending: 'reset', headAfterUs: 120 * S, frames: [] });
  });

  it('S07: the head at once, the first token after 20 s, and the whole answer', () => {
    const slow = ask('fb-s07-slow-ttft');
    expect(slow.headAfterUs).toBe(0);
    expect(slow.frames[0]!.afterUs).toBe(20 * S);
    expect(answerOf(slow)).toBe(ANSWER);
  });

  it('S08 and S14: cut after 40 of 60 tokens', () => {
    for (const model of ['fb-s08-stream-cut', 'fb-s14-stream-cut']) {
      const cut = ask(model);
      expect(words(cut)).toBe(40);
      expect(cut).toMatchObject({ status: 200, ending: 'truncate' });
    }
  });

  it('S09: 20 tokens, 30 s of silence, then a broken connection', () => {
    const stalled = ask('fb-s09-stream-stall');
    expect(words(stalled)).toBe(20);
    const [last, end] = stalled.frames.slice(-2).map(({ afterUs }) => afterUs);
    expect(end! - last!).toBe(30 * S);
    expect(stalled.ending).toBe('truncate');
  });

  it('S10: one event without JSON after ten tokens, and the whole answer', () => {
    const { frames, view } = ask('fb-s10-malformed-chunk');
    expect(view.defect).toBe('not-json');
    const unread = frames.filter((frame) => !frame.text.includes('[DONE]') && !isJson(frame.text));
    expect(unread).toHaveLength(1);
    const before = frames.slice(0, frames.indexOf(unread[0]!));
    expect(streamedChars(before, DIALECTS.openai.reader)).toBe(ANSWER.split(' ').slice(0, 10).join(' ').length);
    expect(words({ frames: frames.filter((frame) => frame !== unread[0]) })).toBe(60);
  });

  it('S11: whole, with usage, without [DONE]', () => {
    const unended = ask('fb-s11-no-done');
    expect(answerOf(unended)).toBe(ANSWER);
    expect(text(unended)).toContain('"completion_tokens":60');
    expect(text(unended)).not.toContain('[DONE]');
    expect(unended.ending).toBe('complete');
    expect(unended.view).not.toHaveProperty('defect');
  });

  it.each([
    ['S12', 'fb-s12-context-length', 'context_length_exceeded'],
    ['S13', 'fb-s13-content-filter', 'content_policy_violation'],
  ])('%s: 400, each time', (_id, model, code) => {
    for (const at of [0, 1]) {
      const rejected = ask(model, at);
      expect(rejected.status).toBe(400);
      expect(json(rejected).error).toMatchObject({ type: 'invalid_request_error', code });
    }
  });

  it('S14: the fallback rejects a prefill, and answers without one; fb-ok continues it', () => {
    const prefill = [USER, { role: 'assistant', content: ANSWER.split(' ').slice(0, 40).join(' ') }];
    const rejected = ask('fb-ok-noprefill', 0, prefill);
    expect(rejected.status).toBe(400);
    expect(json(rejected).error.code).toBe('invalid_prefill');
    expect(words(ask('fb-ok-noprefill'))).toBe(60);
    expect(words(ask('fb-ok', 0, prefill))).toBe(20);
    expect(words(ask('fb-ok', 0, [USER, { role: 'assistant', content: 'Something else.' }]))).toBe(60);
  });

  it('S15: 503 for 60 s, then healthy; a reset starts it again', async () => {
    expect(statuses('fb-s15-flap', 0, 30, 59.999, 60, 3600)).toEqual([503, 503, 503, 200, 200]);
    provider.reset(START_US + 4000 * S);
    expect(statuses('fb-s15-flap', 4000, 4059, 4060)).toEqual([503, 503, 200]);
  });

  it('S16: the fallback answers with its own name and usage', () => {
    const answered = text(ask('fb-ok'));
    expect(answered).toContain('"model":"fb-ok"');
    expect(answered).toContain('"completion_tokens":60');
  });

  it('another model does not exist', () => {
    expect(ask('fb-s17').status).toBe(404);
  });
});

/** The words of answer text in a stream; each is a token. */
function words(reply: Pick<Reply, 'frames'>): number {
  return reply.frames.filter((frame) => streamedChars([frame], DIALECTS.openai.reader) > 0).length;
}

function answerOf({ frames }: Pick<Reply, 'frames'>): string {
  const events = frames.map((frame) => frame.text.slice('data: '.length)).filter((data) => !data.startsWith('[DONE]'));
  return events.map((data) => JSON.parse(data).choices[0]?.delta.content ?? '').join('');
}

function isJson(frame: string): boolean {
  try {
    JSON.parse(frame.slice('data: '.length));
    return true;
  } catch {
    return false;
  }
}

/** The attempts and calls of one run in virtual time, by model. */
async function play(client?: string) {
  const overrides: Record<string, string> = client === undefined ? {} : { 'client.module': client };
  const records = await runToEnd(await loadScenario(SCENARIO, { overrides }));
  const sent = records.filter((record) => record.type === 'attempt');
  const attempts = Map.groupBy(sent, ({ model }) => model ?? '');
  const modelOf = new Map(sent.map(({ call, model = '' }) => [call, model]));
  const made = records.filter((record) => record.type === 'call');
  const calls = Map.groupBy(made, ({ id }) => modelOf.get(id) ?? '');
  return { attempts: (model: string) => attempts.get(model) ?? [], calls: (model: string) => calls.get(model) ?? [] };
}

describe('the openai SDK in virtual time', () => {
  /** One run for all tests. */
  const byModel = once(() => play());

  /** Published on 12 September 2026 for openai-python with the same timeout and the same number of retries. */
  it.each([
    ['S01', 'fb-s01-429-retry-after', 2, 'ok'],
    ['S02', 'fb-s02-429-persistent', 3, 'error'],
    ['S03', 'fb-s03-500-then-200', 2, 'ok'],
    ['S04', 'fb-s04-503-persistent', 3, 'error'],
    ['S05', 'fb-s05-reset', 2, 'ok'],
    ['S06', 'fb-s06-no-response', 3, 'error'],
    ['S07', 'fb-s07-slow-ttft', 1, 'ok'],
    ['S08', 'fb-s08-stream-cut', 1, 'error'],
    ['S09', 'fb-s09-stream-stall', 1, 'error'],
    ['S10', 'fb-s10-malformed-chunk', 1, 'error'],
    ['S11', 'fb-s11-no-done', 1, 'ok'],
    ['S12', 'fb-s12-context-length', 1, 'error'],
    ['S13', 'fb-s13-content-filter', 1, 'error'],
    ['S14', 'fb-s14-stream-cut', 1, 'error'],
    ['S16', 'fb-s16-503-persistent', 3, 'error'],
  ])('%s: %s, %d attempts, %s', async (_id, model, sent, result) => {
    const { attempts, calls } = await byModel();
    expect(attempts(model)).toHaveLength(sent);
    expect(calls(model).map((call) => call.result)).toEqual([result]);
  });

  const gapS = ([first, second]: readonly AttemptRecord[]): number => (second!.startUs - first!.startUs) / S;
  const durationS = ([call]: readonly CallRecord[]): number => (call!.endUs - call!.startUs) / S;

  it('S01: waits for 2.0 s', async () => {
    const { attempts } = await byModel();
    expect(gapS(attempts('fb-s01-429-retry-after'))).toBeCloseTo(2, 1);
  });

  it('S06: three timeouts of 30 s and two waits; published: 91.6 s, of which 0.3 s before the first attempt', async () => {
    const { calls } = await byModel();
    const seconds = durationS(calls('fb-s06-no-response'));
    expect(seconds).toBeGreaterThan(90 + 0.375 + 0.75);
    expect(seconds).toBeLessThan(90 + 0.5 + 1 + 0.1);
  });

  it('S09: the stream ends 30.3 s after the request', async () => {
    const { calls } = await byModel();
    expect(durationS(calls('fb-s09-stream-stall'))).toBeCloseTo(30.3, 1);
  });

  it('S15: 0 of 15 served in the outage, 5 of 5 afterwards, in 50 attempts', async () => {
    const { attempts, calls } = await byModel();
    const results = calls('fb-s15-flap').map(({ result }) => result);
    expect(results).toEqual([...Array(15).fill('error'), ...Array(5).fill('ok')]);
    expect(attempts('fb-s15-flap')).toHaveLength(50);
  });
});

describe('one request without retries in virtual time', () => {
  const byModel = once(() => play(fileURLToPath(new URL('./fixtures/one-request.ts', import.meta.url))));

  /** The published row of `direct`, 4/0/12/0: S13 passes too, because its error is right. */
  it('answers S07, S10 and S11, and S15 after its outage; the others end with an error', async () => {
    const { attempts, calls } = await byModel();
    const answered = MODELS.filter((model) => calls(model).every(({ result }) => result === 'ok'));
    expect(answered).toEqual(['fb-s07-slow-ttft', 'fb-s10-malformed-chunk', 'fb-s11-no-done']);
    const flap = calls('fb-s15-flap').map(({ result }) => result);
    expect(flap).toEqual([...Array(15).fill('error'), ...Array(5).fill('ok')]);
    expect(MODELS.map((model) => attempts(model).length)).toEqual(MODELS.map((model) => calls(model).length));
    expect(calls('fb-s13-content-filter')[0]!.error?.message).toContain('safety system');
  });
});

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const path = process.env.FAILOVERBENCH;
const title = path === undefined ? ' (to run it, about three minutes: FAILOVERBENCH=the folder of its sources)' : '';

describe.skipIf(path === undefined)(`Failover Bench's own runner${title}`, () => {
  it.concurrent.each([
    ['direct', '4/0/12/0'],
    ['reference', '16/0/0/0'],
  ])(
    '%s: %s, as published',
    async (system, published) => {
      const row: BenchRow = await runBenchSystem({ path: path!, system, print: () => undefined });
      expect(row.counts, JSON.stringify(row.cells, null, 2)).toBe(published);
    },
    400_000,
  );
});
