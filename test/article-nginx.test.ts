import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { AttemptRecord } from '../src/journal/call-records.ts';
import type { JournalRecord } from '../src/journal/record.ts';
import { findByCwd } from './processes.ts';
import { BIN, quotalab } from './quotalab.ts';
import { describeWith } from './real-parts.ts';

vi.setConfig({ testTimeout: 180_000 });

const SHORT = ['-q', '--no-charts', '--set', 'load[0].duration=4s'];
const FOLDER = fileURLToPath(new URL('../scenarios/article-nginx', import.meta.url));

/** Runs one of the three scenarios for 4 s, in a temporary folder. */
async function run(name: string, ...more: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-nginx-'));
  const ended = await quotalab(['run', name, '-o', 'out', '--journal', 'out/journal.jsonl', ...SHORT, ...more], {
    cwd,
  });
  const journal = readFileSync(join(cwd, 'out/journal.jsonl'), 'utf8').trim().split('\n');
  const records = journal.map((line) => JSON.parse(line) as JournalRecord);
  const attempts = records.filter((record): record is AttemptRecord => record.type === 'attempt');
  return { ...ended, records, attempts };
}

/** Gaps between the attempts of one call, in milliseconds. */
function gapsMs(attempts: readonly AttemptRecord[]): number[] {
  return [...Map.groupBy(attempts, ({ call }) => call).values()].flatMap((ofCall) => {
    const starts = ofCall.map(({ startUs }) => startUs).sort((a, b) => a - b);
    return starts.slice(1).map((at, index) => (at - starts[index]!) / 1000);
  });
}

describeWith(['nginx'], 'scenarios/article-nginx', () => {
  it('refuses with 503 and no Retry-After; the client retries within a second', async () => {
    const { code, stdout, attempts } = await run('article-nginx');
    expect(code).toBe(0);
    const refused = attempts.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(10);
    expect(attempts.length - refused.length).toBeGreaterThan(10);
    for (const { answeredBy, retryAfterRaw, callTag } of refused) {
      expect({ answeredBy, retryAfterRaw }).toEqual({ answeredBy: 'gateway', retryAfterRaw: undefined });
      expect(callTag).toBeDefined();
    }
    // Requests that nginx forwarded were answered by the provider.
    for (const attempt of attempts.filter(({ status }) => status === 200)) {
      expect(attempt).not.toHaveProperty('answeredBy');
      expect(attempt.completionTokens).toBeGreaterThan(0);
    }
    expect(Math.min(...gapsMs(attempts))).toBeLessThan(1000);
    expect(stdout).toContain(`answered ${refused.length} of ${attempts.length} attempts itself`);
    expect(findByCwd(FOLDER)).toEqual([]);
  });

  it('with 429 and Retry-After, the same client waits at least the requested wait', async () => {
    const { code, attempts } = await run('article-nginx/with-429');
    expect(code).toBe(0);
    const refused = attempts.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    for (const { answeredBy, retryAfterUs, errorCode } of refused) {
      expect({ answeredBy, retryAfterUs, errorCode }).toEqual({
        answeredBy: 'gateway',
        retryAfterUs: 1e6,
        errorCode: 'rate_limit_exceeded',
      });
    }
    expect(gapsMs(attempts).length).toBeGreaterThan(5);
    expect(Math.min(...gapsMs(attempts))).toBeGreaterThan(1000);
  });

  it('an interrupted run leaves no nginx process', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-nginx-'));
    const child = spawn(process.execPath, [BIN, 'run', 'article-nginx', '-q', '--no-charts', '-o', 'out'], {
      cwd,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await vi.waitFor(() => expect(findByCwd(FOLDER).length).toBeGreaterThan(1), { timeout: 60_000 });
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(findByCwd(FOLDER)).toEqual([]);
  });

  it('the article’s snippet without limit_req_zone is bad input', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-nginx-'));
    const { code, stderr, stdout } = await quotalab(
      ['run', 'article-nginx', '-o', 'out', '--set', 'gateway.config=./snippet.conf'],
      { cwd },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/zero size shared memory zone "api_limit"/);
    expect(stderr).toContain('limit_req_zone $binary_remote_addr zone=api_limit:10m rate=5r/s;');
    expect(() => readFileSync(join(cwd, 'out/journal.jsonl'))).toThrow(/ENOENT/);
  });
});

describe('scenarios/article-nginx without nginx', () => {
  it('a leaky bucket instead of nginx: at 10/s, eleven pass, then every second request', async () => {
    const { code, attempts } = await run('article-nginx/leaky-bucket', '--set', 'client={ undici: { retries: none } }');
    expect(code).toBe(0);
    expect(attempts.map(({ status }) => (status === 200 ? '+' : '-')).join('')).toMatch(/^\+{11}(-\+)+-?$/);
  });
});
