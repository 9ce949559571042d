import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quotalabHere } from './in-process.ts';
import type { Ended } from './quotalab.ts';

/** Runs the command in a new folder. */
async function quotalab(...args: string[]): Promise<Ended & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-plan-'));
  return { ...(await quotalabHere(args, { cwd: folder })), folder };
}

const SHORT = ['--set', 'load[0].duration=20s'];

describe('quotalab plan', () => {
  it('prints and draws how many VUs fit, and confirms it with the client', async () => {
    const { code, stdout, folder } = await quotalab('plan', 'article', ...SHORT, '--seeds', '3', '--confirm');
    expect(stdout).toMatch(/[67] VUs fit: every goal held with 3 of 3 seeds\./);
    expect(stdout).toContain('requests binds: ');
    expect(stdout).toContain("(Little's law)");
    expect(stdout).toMatch(/the model .* yes\n.*client\.ts itself .* yes/);
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'reports/article')).sort()).toEqual(['plan.html', 'plan.json', 'plan.png']);
    expect(JSON.parse(readFileSync(join(folder, 'reports/article/plan.json'), 'utf8'))).toMatchObject({
      path: 'load[0].vus',
      edge: { kind: 'edge' },
      binding: [{ limit: 'requests' }],
    });
  });

  it.each([
    [['--vary', 'load[0].vuz'], /plan\/no-number.*\n.*did you mean "load\[0\]\.vus"/],
    [['--set', 'provider.limits.requests.capacitee=3'], /scenario\/invalid.*\n.*did you mean "capacity"/],
    [['--seeds', '0'], /must be at least 1/],
    [['--most', '-3'], /must be a number above 0/],
    [
      ['--confirm', '--set', 'client={model: fixed}', '--set', 'time=model'],
      /plan\/not-confirmable.*\n.*client\.module: is missing/,
    ],
    [['--confirm', '--vary', 'client.retries.max', '--set', 'client.retries.max=3'], /plan\/not-confirmable/],
  ])('rejects %s with a hint, and writes nothing', async (args, expected) => {
    const { code, stderr, folder } = await quotalab('plan', 'article', ...args);
    expect(stderr).toMatch(expected);
    expect(code).toBe(2);
    expect(readdirSync(folder).filter((name) => name !== 'reports')).toEqual([]);
  });
});

describe('quotalab sweep', () => {
  it('runs a grid, prints a table, and writes CSV and a chart', async () => {
    const vary = ['--vary', 'client.retries.max=0..2', '--vary', 'provider.limits.requests.capacity=5,20'];
    const { code, stdout, folder } = await quotalab('sweep', 'article', ...SHORT, ...vary, '--seeds', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +retries\.max +requests\.capacity +failed/m);
    expect(stdout.match(/^ +[012] +(5|20) +\d/gm)).toHaveLength(6);
    expect(stdout).toContain('the nearest is client.retries.max = 2');
    const sheet = readFileSync(join(folder, 'reports/article/sweep.csv'), 'utf8').trim().split('\n');
    expect(sheet[0]).toBe(
      'client.retries.max,provider.limits.requests.capacity,failed,p95_s,goodput_per_s,attempts_per_call,refused,held,seeds',
    );
    expect(sheet).toHaveLength(7);
    // More retries give fewer failed calls, so the parameter reached the model.
    const failed = (retries: string): number =>
      Number(sheet.find((line) => line.startsWith(`${retries},5,`))!.split(',')[2]);
    expect(failed('2')).toBeLessThan(failed('0') - 0.2);
    expect(readFileSync(join(folder, 'reports/article/sweep.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it.each([
    [
      ['--vary', 'client.retires.max=0..3'],
      /one problem \(scenario\/invalid\)\n +--vary client\.retires\.max: unknown key \(did you mean client\.retries\.max\?\)\n$/,
    ],
    [
      ['--vary', 'load[0].vus=0..3'],
      /one problem \(scenario\/invalid\)\n +--vary load\[0\]\.vus=0: must be at least 1\n$/,
    ],
    [['--vary', 'load[0].vus=5..1'], /plan\/bad-range/],
    [['--vary', 'client.retries.max=0..3', '--confirm'], /plan\/not-confirmable.*\n.*client\.env\.NAME/],
    [['--vary', 'load[0].vus=1..3', '--show', 'p94'], /must be one of failed, p95/],
  ])('rejects %s with a hint', async (args, expected) => {
    const { code, stderr } = await quotalab('sweep', 'article', ...args);
    expect(stderr).toMatch(expected);
    expect(code).toBe(2);
  });
});
