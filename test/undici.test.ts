import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, CallRecord } from '../src/journal/record.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { runToEnd } from './run-to-end.ts';

const SCENARIO = fileURLToPath(new URL('../scenarios/undici/scenario.yaml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quotalab-undici-'));

async function run(
  file: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<{ readonly written: string; readonly calls: CallRecord[]; readonly attempts: AttemptRecord[] }> {
  const scenario = await loadScenario(file, { overrides });
  const records = await runToEnd(scenario);
  return {
    written: scenario.client.written,
    calls: records.filter((record) => record.type === 'call'),
    attempts: records.filter((record) => record.type === 'attempt'),
  };
}

function scenario(text: string): string {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, `name: undici\n${text}`);
  return file;
}

describe('scenarios/undici', () => {
  /** A minute of it, in which the quota is spent and comes back once. */
  const BRIEF = { 'load[0].duration': '1m' };

  it('the interceptor and the agent repeat alike, and without either nothing is repeated', async () => {
    const form = (retries: string) => run(SCENARIO, { ...BRIEF, 'client.undici.retries': retries });
    const [none, interceptor, agent] = [await form('none'), await form('interceptor'), await form('agent')];
    expect([none, interceptor, agent].map(({ written }) => written)).toEqual([
      'undici without retries',
      'undici with interceptors.retry',
      'undici with RetryAgent',
    ]);
    expect(none.attempts).toHaveLength(300);
    expect(agent.attempts.length).toBeGreaterThan(450);
    const times = ({ attempts }: typeof agent) => attempts.map(({ startUs, status }) => `${startUs} ${status}`);
    expect(times(interceptor)).toEqual(times(agent));
    // Its retries go out where the answer to the one before came in: their prompt joins them.
    expect(new Set(agent.attempts.map(({ joinedBy }) => joinedBy))).toEqual(new Set(['tag', 'prompt']));
    expect(new Set(none.calls.map(({ error }) => error?.status))).toEqual(new Set([undefined, 429, 503]));
  });

  it('its model sends what it sends', async () => {
    const [real, model] = [await run(SCENARIO, BRIEF), await run(SCENARIO, { ...BRIEF, time: 'model' })];
    expect(Math.abs(model.attempts.length / real.attempts.length - 1)).toBeLessThan(0.01);
  });

  it('an answer after which it gives up has its status in the error', async () => {
    const { calls } = await run(SCENARIO, { ...BRIEF, 'client.undici.maxRetries': '1' });
    const errors = calls.flatMap(({ error }) => error ?? []);
    expect(errors.length).toBeGreaterThan(20);
    expect(new Set(errors.map(({ name, status }) => `${name} ${status}`))).toContain('RequestRetryError 429');
  });

  it('undici as it comes repeats no POST', async () => {
    const { attempts } = await run(SCENARIO, { ...BRIEF, 'client.undici.methods': '[GET]' });
    expect(attempts).toHaveLength(300);
  });
});

describe('the built-in client', () => {
  const LOAD = 'load: [{ executor: per-vu-iterations, vus: 1, iterations: 2 }]\n';
  const CLIENT = 'client: { undici: { retries: agent, minTimeout: 400ms, retryAfter: false } }\n';

  it.each(['openai', 'azure', 'anthropic', 'gemini'])('asks in the words of %s, streams too', async (dialect) => {
    const model = { openai: 'gpt-4o', azure: 'mine', anthropic: 'claude-sonnet-4-5', gemini: 'gemini-2.5-flash' }[
      dialect
    ];
    for (const stream of [false, true]) {
      const file = scenario(
        `provider: { dialect: ${dialect} }\ncall: { model: ${model}, maxTokens: 9, stream: ${stream} }\n${CLIENT}${LOAD}`,
      );
      const { calls, attempts } = await run(file);
      expect(calls.map(({ result, error }) => [result, error])).toEqual(Array(2).fill(['ok', undefined]));
      expect(calls.map(({ outputSize }) => outputSize)).toEqual(attempts.map(({ answerChars }) => answerChars));
      expect(attempts.map((attempt) => attempt.stream)).toEqual([stream, stream]);
    }
  });

  it('runs on real sockets as well, and repeats what a fault has broken', async () => {
    const file = scenario(
      `time: wall\nprovider:\n  faults: [{ at: 0s, for: 300ms, status: 503 }]\n  latency: { firstToken: 0, perToken: 0 }\n${CLIENT}${LOAD}`,
    );
    const { calls, attempts } = await run(file);
    expect(calls.map(({ result }) => result)).toEqual(['ok', 'ok']);
    const first = attempts.filter(({ call }) => call === 1).map(({ status }) => status);
    expect([first[0], first.at(-1)]).toEqual([503, 200]);
    expect(attempts.at(-1)).toMatchObject({ call: 2, status: 200, joinedBy: 'tag' });
  });

  it('is a client of its own, and its settings are read with care', async () => {
    const fault = await loadScenario(
      scenario(`client: { module: ./a.ts, undici: { retries: agents, maxRetry: 3 } }\n${LOAD}`),
    ).catch((error) => error.problems);
    expect(fault).toEqual([
      expect.objectContaining({ path: 'client.undici.retries', hint: expect.stringContaining('agent') }),
      expect.objectContaining({ path: 'client.undici.maxRetry', hint: expect.stringContaining('maxRetries') }),
    ]);
    const both = await loadScenario(scenario(`client: { module: ./a.ts, undici: {} }\n${LOAD}`)).catch(
      (error) => error.problems,
    );
    expect(both).toEqual([
      expect.objectContaining({
        path: 'client.undici',
        message: 'stands beside module; a client is one or the other',
      }),
    ]);
  });

  it('is stood for by its own model where no code is run', async () => {
    const { client } = await loadScenario(scenario(`${CLIENT}${LOAD}`));
    expect([
      client.assumed,
      client.model.name,
      client.model.retries.baseUs,
      client.model.retries.retryAfter.reads,
    ]).toEqual([false, 'undici-retry-agent', 400_000, 'nothing']);
  });
});
