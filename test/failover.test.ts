import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../src/index.ts';
import { run } from '../src/index.ts';

const scenario = (name: string): string =>
  fileURLToPath(new URL(`../scenarios/failover/${name}.yaml`, import.meta.url));
const attemptsAt = ({ journal }: RunResult, name: string, status: number): number =>
  journal.filter((record) => record.type === 'attempt' && record.provider === name && record.status === status).length;
const statusOf = ({ verdicts }: RunResult, id: string): string | undefined =>
  verdicts.find((verdict) => verdict.id === id)?.status;

describe.concurrent('the primary is out from 1m to 2m; a call each 4 s', () => {
  it('a catch around the SDK: 15 calls try it 3 times each, and all are answered by the backup', async () => {
    const result = await run(scenario('scenario'));
    expect([attemptsAt(result, 'primary', 503), attemptsAt(result, 'backup', 200)]).toEqual([45, 15]);
    expect(statusOf(result, 'tries-shut-provider')).toBe('fail');
    expect(result.passed).toBe(false);
  });

  it('a cool-down of 30 s: it is asked at 1m, at 1m30s, and is back at 2m', async () => {
    const result = await run(scenario('mended'));
    expect([attemptsAt(result, 'primary', 503), attemptsAt(result, 'backup', 200)]).toEqual([2, 16]);
    expect(statusOf(result, 'tries-shut-provider')).toBe('pass');
    expect(statusOf(result, 'no-fail-back')).toBe('pass');
    expect(result.passed).toBe(true);
  });
});

/** A router that asks the backup if `isOut` says so of the primary's status. */
const router = (isOut: string): string => `
const ask = (url, call) => fetch(url + '/chat/completions', {
  method: 'POST',
  headers: { authorization: 'Bearer sk-x', 'content-type': 'application/json' },
  body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
});
export default async function (call, { env }) {
  for (const url of [env.QUOTALAB_PRIMARY_URL, env.QUOTALAB_BACKUP_URL]) {
    const response = await ask(url, call);
    const { status } = response;
    await response.text();
    if (response.ok) return 'answered';
    if (!(${isOut})) throw new Error('HTTP ' + status);
  }
}`;

describe.concurrent('the quota of the primary is spent (perminder-klair/subwave#438)', () => {
  const spent = async (isOut: string): Promise<RunResult> => {
    const folder = mkdtempSync(join(tmpdir(), 'quotalab-failover-'));
    writeFileSync(join(folder, 'router.mjs'), router(isOut));
    return run(
      {
        name: 'spent',
        providers: {
          primary: { limits: [{ name: 'week', algorithm: 'calendar-quota', amount: 3, per: 'day' }] },
          backup: {},
        },
        client: 'router.mjs',
        load: [{ executor: 'constant-arrival-rate', rate: '1/s', duration: '20s' }],
      },
      { folder },
    );
  };

  it('a router that fails over at 5xx alone never asks the backup: 17 of 20 calls fail', async () => {
    const result = await spent('status >= 500');
    expect([attemptsAt(result, 'primary', 429), attemptsAt(result, 'backup', 200)]).toEqual([17, 0]);
    expect(statusOf(result, 'no-failover')).toBe('fail');
  });

  it('one that takes a 429 for a reason answers all of them', async () => {
    const result = await spent('status >= 500 || status === 429');
    expect([attemptsAt(result, 'primary', 200), attemptsAt(result, 'backup', 200)]).toEqual([3, 17]);
    expect(statusOf(result, 'no-failover')).toBe('pass');
  });
});
