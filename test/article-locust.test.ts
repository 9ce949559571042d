import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readRun } from '../src/analysis/run/read-run.ts';
import { mean, percentile } from '../src/analysis/statistics/percentile.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { runLocust, spanOf } from './locust.ts';
import { quotalab } from './quotalab.ts';
import { describeWith } from './real-parts.ts';

const folder = fileURLToPath(new URL('../scenarios/article-locust/', import.meta.url));
const SECONDS = 20;
const USERS = 20;
const MEAN_REST_MS = 350;

/** Figures that both tools report; times in milliseconds. */
interface Figures {
  readonly requestsPerSecond: number;
  readonly refusedShare: number;
  readonly admitted: number;
  readonly answeredP50: number;
  readonly answeredP95: number;
  readonly refusedP50: number;
  readonly refusedP95: number;
  readonly refusedMean: number;
  /** Mean of all requests, and the time from the first to the last. */
  readonly allMean: number;
  readonly spanS: number;
}

async function locustFigures(): Promise<Figures & { readonly code: number | null }> {
  const { provider } = await loadScenario(`${folder}scenario.yaml`);
  const args = ['-u', `${USERS}`, '-r', `${USERS}`, '-t', `${SECONDS}s`, '--stop-timeout', '30'];
  const { code, rows, counts, spanS } = await runLocust(`${folder}locustfile.py`, provider, ...args);
  const { answered, refused } = rows;
  return {
    code,
    requestsPerSecond: counts.Aggregated! / SECONDS,
    refusedShare: counts.refused! / counts.Aggregated!,
    admitted: counts.answered!,
    answeredP50: answered!['50%']!,
    answeredP95: answered!['95%']!,
    refusedP50: refused!['50%']!,
    refusedP95: refused!['95%']!,
    refusedMean: refused!['Average Response Time']!,
    allMean: rows.Aggregated!['Average Response Time']!,
    spanS,
  };
}

async function ourFigures(): Promise<Figures> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-locust-'));
  const args = ['--set', `load[0].duration=${SECONDS}s`, '--no-charts', '-q', '-o', 'out'];
  const { code, stderr } = await quotalab(['run', 'article-locust', ...args], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { calls, attempts } = readRun(readJournalRecords(join(cwd, 'out', 'journal.jsonl')), { columnar: true });
  const ended = calls.filter(({ result }) => result !== 'open');
  const times = (expected: string): number[] =>
    ended
      .flatMap(({ result, startUs, endUs }) => (result === expected ? [(endUs - startUs) / 1000] : []))
      .sort((a, b) => a - b);
  const [answered, refused] = [times('ok'), times('error')];
  return {
    requestsPerSecond: ended.length / SECONDS,
    refusedShare: refused.length / ended.length,
    admitted: answered.length,
    answeredP50: percentile(answered, 50),
    answeredP95: percentile(answered, 95),
    refusedP50: percentile(refused, 50),
    refusedP95: percentile(refused, 95),
    refusedMean: mean(refused),
    allMean: mean([...answered, ...refused]),
    spanS: spanOf(attempts.map(({ startUs }) => startUs)),
  };
}

/** Where the two tools differ by more than the bounds in the README. */
function differences(locust: Figures, ours: Figures): string[] {
  // The provider refuses at once, so that the time of a refusal measures the load of the machine, which delays users of both
  // tools. The bounds are wider than in the README by that share, about 1 % on an idle machine.
  const busy = Math.max(locust.refusedMean, ours.refusedMean) / MEAN_REST_MS;
  const slow = (name: 'refusedP50' | 'refusedP95'): number => ours[name] + locust[name];
  const bounds: Partial<Record<keyof Figures, number>> = {
    requestsPerSecond: (0.15 + 2 * busy) * locust.requestsPerSecond,
    refusedShare: 0.03 + busy,
    admitted: (0.05 + busy) * locust.admitted,
    answeredP50: 0.25 * locust.answeredP50 + slow('refusedP50'),
    answeredP95: 0.5 * locust.answeredP95 + slow('refusedP95'),
  };
  return (Object.keys(bounds) as (keyof Figures)[])
    .filter((name) => Math.abs(ours[name] - locust[name]) >= bounds[name]!)
    .map((name) => `${name}: locust ${locust[name]}, quotalab ${ours[name]}, bound ${bounds[name]}`);
}

describeWith(['python3-locust'], 'twenty users who wait 0.2 to 0.5 s, by Locust and by constant-vus', () => {
  it('generate the same load and get the same replies, within the bounds in the README', async () => {
    // The machine may stop one of the two for a second, during which the bucket is full and admits nothing. Tools that differ
    // do so in every pair of runs.
    const pairs: string[][] = [];
    do pairs.push(await comparePair());
    while (pairs.at(-1)!.length > 0 && pairs.length < 3);
    expect(pairs.at(-1), JSON.stringify(pairs, null, 2)).toEqual([]);
  }, 180_000);
});

async function comparePair(): Promise<string[]> {
  const [locust, ours] = await Promise.all([locustFigures(), ourFigures()]);
  for (const name of Object.keys(ours) as (keyof Figures)[]) {
    console.log(
      `${name.padEnd(18)} locust ${locust[name].toFixed(3).padStart(9)}  quotalab ${ours[name].toFixed(3).padStart(9)}`,
    );
  }
  // Locust counts every refusal as a failure, and exits with 1.
  expect(locust.code).toBe(1);
  expect(ours.refusedShare).toBeGreaterThan(0.5);
  // Upper bounds on any machine, since load can only delay users: replies and waits fit into the time of all users, and the
  // bucket admits at most its capacity and refill.
  for (const { requestsPerSecond, allMean, admitted, spanS } of [locust, ours]) {
    const rests = requestsPerSecond * SECONDS - USERS;
    expect((rests * (MEAN_REST_MS + allMean)) / 1000).toBeLessThan(1.06 * USERS * spanS);
    expect(admitted).toBeLessThanOrEqual(5 + 5 * spanS + 1);
  }
  return differences(locust, ours);
}
