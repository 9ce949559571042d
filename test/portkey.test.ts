import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { endingOf } from '../mock-server/ending.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { quotalabHere as quotalab } from './in-process.ts';

const START = fileURLToPath(new URL('../node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url));
const GATEWAY = {
  command: [process.execPath, START, '--port={port}', '--headless'],
  headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': 'http://{upstream}/v1' },
};
/** What Failover Bench published of this gateway: cut answers given as success. S09 falls silent for 30 s; 3 s show the same. */
const CUT = ['fb-s08-stream-cut', 'fb-s09-stream-stall', 'fb-s14-stream-cut'];
const STALL = `{ kind: stall, after: 20 tokens, by: 3s, match: { model: ${CUT[1]} } }`;

const loads = (names: readonly string[]): string =>
  `load=[${names.map((name) => `{ name: ${name}, executor: per-vu-iterations, iterations: 1 }`).join(', ')}]`;

async function runBench(...settings: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-portkey-'));
  const flags = ['provider.faults[8]=' + STALL, loads(['fb-ok', ...CUT]), ...settings].flatMap((one) => ['--set', one]);
  const ended = await quotalab(['run', 'failover-bench', '--no-charts', '-o', 'out', ...flags], { cwd });
  const run = readRun(readJournalRecords(join(cwd, 'out/journal.jsonl')));
  const { verdicts } = JSON.parse(readFileSync(join(cwd, 'out/summary.json'), 'utf8')) as {
    verdicts: { id: string; status: string; reason: string }[];
  };
  return { ...ended, run, swallows: verdicts.find(({ id }) => id === 'swallows-rejection')! };
}

it('the openai SDK alone reports a cut stream as an error', async () => {
  const { run, swallows } = await runBench();
  expect(run.calls.map(({ load, result }) => [load, result]).sort()).toEqual([
    ['fb-ok', 'ok'],
    ...CUT.map((load) => [load, 'error']),
  ]);
  expect(swallows.status).toBe('pass');
});

it('behind Portkey’s gateway it takes the part that came for the answer', async () => {
  const gateway = `gateway=${JSON.stringify(GATEWAY)}`;
  const { run, swallows, stderr } = await runBench('time=wall', gateway);
  expect(stderr).not.toContain('gateway/');
  expect(run.calls.map(({ load, result }) => [load, result]).sort()).toEqual([
    ['fb-ok', 'ok'],
    ...CUT.map((load) => [load, 'ok']),
  ]);
  // The gateway ends the reply as if it were whole.
  expect(run.calls.map(({ load, attempts }) => [load, ...attempts.map((one) => endingOf(one).kind)]).sort()).toEqual([
    ['fb-ok', 'answered'],
    ...CUT.map((load) => [load, 'broken']),
  ]);
  expect(swallows).toMatchObject({ status: 'fail' });
  expect(swallows.reason).toContain('3 of 3 calls reported success without a whole answer');
}, 60_000);
