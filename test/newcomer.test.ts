import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quotalabHere as quotalab } from './in-process.ts';
import type { Ended } from './quotalab.ts';

/** Runs the packaged scenario as its README says; returns the verdicts section of the summary. */
async function newcomer(...args: string[]): Promise<{ ended: Ended; sheet: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-newcomer-'));
  const ended = await quotalab(['run', 'newcomer', '--no-charts', ...args], { cwd });
  const summary = readFileSync(join(cwd, 'reports/newcomer/summary.txt'), 'utf8');
  return { ended, sheet: summary.slice(summary.indexOf('  VERDICTS'), summary.indexOf('  QUOTA')) };
}

const MENDED = ['--set', 'client.module=./mended.ts'];

/** Names of verdicts and thresholds marked as failed or inconclusive. */
const wrongIn = (sheet: string): string[] => [...sheet.matchAll(/^ {4}[✗!?] ([^:\n]+)/gm)].map(([, name]) => name!);

describe('a newcomer’s client: ten retries, a second apart', () => {
  it('fails and says what to change', async () => {
    const { ended, sheet } = await newcomer();
    expect(ended.code).toBe(99);
    expect(ended.stdout).toContain('→ Read Retry-After');
    await expect(sheet).toMatchFileSnapshot('fixtures/newcomer-verdicts.txt');
  });

  it('passes after the change', async () => {
    const { ended, sheet } = await newcomer(...MENDED);
    expect(ended.code).toBe(0);
    expect(wrongIn(sheet)).toEqual([]);
    expect(sheet).toContain("✓ 'rate<0.01' 0% (1504 samples)");
  });

  it('passes with a smaller quota: it is refused and obeys Retry-After', async () => {
    const { ended, sheet } = await newcomer(...MENDED, '--set', 'provider.limits[0].amount=250');
    expect(ended.code).toBe(0);
    expect(sheet).toMatch(/✓ ignores-retry-after: All \d\d retries waited for Retry-After/);
    expect(sheet).not.toContain('✗');
  });
});
