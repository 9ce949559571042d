import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { KeyUse } from '../src/analysis/key-use.ts';
import type { AttemptRecord } from '../src/journal/call-records.ts';
import type { JournalRecord } from '../src/journal/record.ts';
import { quotalabHere as quotalab } from './in-process.ts';

// Ten minutes of virtual time with thousands of requests of a real SDK are slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

async function run(name: string, ...more: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-spacing-'));
  const flags = ['-o', 'out', '--journal', 'out/journal.jsonl', '-q', '--no-charts', '--no-confirm'];
  const { code, stdout } = await quotalab(['run', name, ...flags, ...more], { cwd });
  expect(code).toBe(0);
  const { keys } = JSON.parse(readFileSync(join(cwd, 'out/summary.json'), 'utf8')) as { keys: KeyUse[] };
  const lines = readFileSync(join(cwd, 'out/journal.jsonl'), 'utf8').trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as JournalRecord);
  const attempts = records.filter((record): record is AttemptRecord => record.type === 'attempt');
  return { stdout, keys: Object.fromEntries(keys.map((key) => [key.name, key])), attempts, text: lines.join('\n') };
}

it('scenarios/article-spacing: one queue per address delays all keys, and the reports fill it', async () => {
  const { stdout, keys, attempts, text } = await run('article-spacing');
  expect(Object.keys(keys)).toEqual(['shop', 'support', 'reports']);
  // No call is refused before the reports start at five minutes.
  const refused = attempts.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(1000);
  expect(Math.min(...refused.map(({ startUs }) => startUs))).toBeGreaterThanOrEqual(300e6);
  expect(keys.shop!.refused).toBeGreaterThan(100);
  // Requests leave the queue 200 ms apart, and so do the heads of their replies.
  const heads = attempts.filter(({ status }) => status === 200).map(({ headersUs }) => headersUs!);
  const gaps = heads.sort((a, b) => a - b).map((at, index) => at - (heads[index - 1] ?? -Infinity));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200_000 - 1000);
  // The README shows the printed table.
  const page = readFileSync(new URL('../scenarios/article-spacing/README.md', import.meta.url), 'utf8');
  const table = stdout.indexOf('    key  ');
  expect(page).toContain(stdout.slice(table, stdout.indexOf('\n\n', table)));
  expect(text).not.toMatch(/sk-(shop|support|reports)/);
});

it('scenarios/article-spacing/by-key: each key has its own queue', async () => {
  // One minute with the reports instead of five.
  const minutes = [6, 6, 1].flatMap((count, load) => ['--set', `load[${load}].duration=${count}m`]);
  const { keys } = await run('article-spacing/by-key', ...minutes);
  expect(keys.reports!.refused).toBeGreaterThan(200);
  expect(keys.shop!.refused).toBe(0);
  expect(keys.support!.refused).toBeLessThan(20);
});
