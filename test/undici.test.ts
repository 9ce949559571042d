import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, CallRecord } from '../src/journal/call-records.ts';
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
  writeFileSync(file.replace(/[^/]*$/, 'a.ts'), 'export default () => undefined;');
  return file;
}

describe('scenarios/undici', () => {
  /** One minute, in which the quota is exhausted and refilled once. */
  const ONE_MINUTE = { 'load[0].duration': '1m' };

  it('the interceptor and the agent retry alike, and without them nothing is retried', async () => {
    const runWith = (retries: string) => run(SCENARIO, { ...ONE_MINUTE, 'client.undici.retries': retries });
    const [none, interceptor, agent] = [await runWith('none'), await runWith('interceptor'), await runWith('agent')];
    expect([none, interceptor, agent].map(({ written }) => written)).toEqual([
      'undici without retries',
      'undici with interceptors.retry',
      'undici with RetryAgent',
    ]);
    expect(none.attempts).toHaveLength(300);
    expect(agent.attempts.length).toBeGreaterThan(450);
    const times = ({ attempts }: typeof agent) => attempts.map(({ startUs, status }) => `${startUs} ${status}`);
    expect(times(interceptor)).toEqual(times(agent));
    // Retries are sent from the response handler, outside the call's context: they are joined by prompt.
    expect(new Set(agent.attempts.map(({ joinedBy }) => joinedBy))).toEqual(new Set(['tag', 'prompt']));
    expect(new Set(none.calls.map(({ error }) => error?.status))).toEqual(new Set([undefined, 429, 503]));
  });

  it('its model sends as many attempts as the client', async () => {
    const [real, model] = [await run(SCENARIO, ONE_MINUTE), await run(SCENARIO, { ...ONE_MINUTE, time: 'model' })];
    expect(Math.abs(model.attempts.length / real.attempts.length - 1)).toBeLessThan(0.01);
  });

  it('the error of an exhausted call has the last status', async () => {
    const { calls } = await run(SCENARIO, { ...ONE_MINUTE, 'client.undici.maxRetries': '1' });
    const errors = calls.flatMap(({ error }) => error ?? []);
    expect(errors.length).toBeGreaterThan(20);
    expect(new Set(errors.map(({ name, status }) => `${name} ${status}`))).toContain('RequestRetryError 429');
  });

  it('the default methods of undici do not retry POST', async () => {
    const { attempts } = await run(SCENARIO, { ...ONE_MINUTE, 'client.undici.methods': '[GET]' });
    expect(attempts).toHaveLength(300);
  });
});

describe('the built-in client', () => {
  const LOAD = 'load: [{ executor: per-vu-iterations, vus: 1, iterations: 2 }]\n';
  const CLIENT = 'client: { undici: { retries: agent, minTimeout: 400ms, retryAfter: false } }\n';

  it.each(['openai', 'azure', 'anthropic', 'gemini'])('supports %s, with and without streams', async (dialect) => {
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

  it('runs on real sockets, and retries after a fault', async () => {
    const file = scenario(
      `time: wall\nprovider:\n  faults: [{ status: 503, first: 1 }]\n  latency: { firstToken: 0, perToken: 0 }\n${CLIENT}${LOAD}`,
    );
    const { calls, attempts } = await run(file);
    expect(calls.map(({ result }) => result)).toEqual(['ok', 'ok']);
    expect(attempts.map(({ call, status, joinedBy }) => `${call}: ${status}, by ${joinedBy}`)).toEqual([
      expect.stringMatching(/^1: 503, /),
      expect.stringMatching(/^1: 200, /),
      '2: 200, by tag',
    ]);
  });

  it('reports invalid settings and conflicting clients', async () => {
    const problems = await loadScenario(
      scenario(`client: { module: ./a.ts, undici: { retries: agents, maxRetry: 3 } }\n${LOAD}`),
    ).catch((error) => error.problems);
    expect(problems).toEqual([
      expect.objectContaining({ path: 'client.undici.retries', hint: expect.stringContaining('agent') }),
      expect.objectContaining({ path: 'client.undici.maxRetry', hint: expect.stringContaining('maxRetries') }),
      expect.objectContaining({ path: 'client.undici', message: 'cannot be combined with module' }),
    ]);
    const both = await loadScenario(scenario(`client: { module: ./a.ts, undici: {} }\n${LOAD}`)).catch(
      (error) => error.problems,
    );
    expect(both).toEqual([
      expect.objectContaining({
        path: 'client.undici',
        message: 'cannot be combined with module',
      }),
    ]);
  });

  it('brings its own model', async () => {
    const { client } = await loadScenario(scenario(`${CLIENT}${LOAD}`));
    expect([
      client.assumed,
      client.model.name,
      client.model.retries.baseUs,
      client.model.retries.retryAfter.reads,
    ]).toEqual([false, 'undici-retry-agent', 400_000, 'nothing']);
  });
});
