import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { runToEnd } from '../../run-to-end.ts';

const WORKER = fileURLToPath(new URL('untagged-worker.mjs', import.meta.url));

/** Fifteen calls per second for four seconds against a limit of ten: the retries of several calls interleave. */
async function run(prompt: string | undefined): Promise<readonly JournalRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), 'untagged-'));
  const file = join(folder, 'scenario.json');
  const scenario = {
    name: 'untagged',
    time: 'wall',
    provider: {
      limits: [{ name: 'requests', unit: 'requests', algorithm: 'token-bucket', capacity: 4, refill: '10/s' }],
      latency: { firstToken: '200ms', perToken: '1ms' },
    },
    client: { command: [process.execPath, WORKER], protocol: 'worker' },
    ...(prompt !== undefined && { call: { prompt } }),
    load: [{ executor: 'constant-arrival-rate', rate: '15/s', duration: '4s', maxVUs: 60 }],
  };
  try {
    writeFileSync(file, JSON.stringify(scenario));
    return await runToEnd(await loadScenario(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The true call: in the user agent, which joining does not read. */
const trueCall = ({ userAgent }: AttemptRecord): number => Number(/^call (\d+)$/.exec(userAgent!)![1]);

it('joins the attempts of a worker without a call tag by their prompts', { timeout: 60_000 }, async () => {
  const records = await run(undefined);
  const attempts = records.filter((record) => record.type === 'attempt');
  expect(attempts.every(({ callTag }) => callTag === undefined)).toBe(true);
  expect(attempts.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
  expect(attempts.filter((attempt) => attempt.joinedBy === 'prompt' && attempt.call === trueCall(attempt)).length).toBe(
    attempts.length,
  );
});

it('does not join attempts that may belong to several calls with one prompt', { timeout: 60_000 }, async () => {
  const records = await run('Say hello.');
  const attempts = records.filter((record) => record.type === 'attempt');
  const joined = attempts.filter(({ call }) => call !== null);
  const right = joined.filter((attempt) => attempt.call === trueCall(attempt));
  expect(joined.length).toBeLessThan(attempts.length / 2);
  expect(joined.length - right.length).toBeLessThan(attempts.length / 20);
});
