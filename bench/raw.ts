import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { createJournalWriter } from '../src/journal/journal-writer.ts';
import { runScenario } from '../src/run/run-scenario.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { median, type Row } from './table.ts';

const SCENARIO = fileURLToPath(new URL('../scenarios/saturation/scenario.yaml', import.meta.url));
const ROUNDS = 3;
const KINDS = ['each', 'seconds'] as const;

/** Requests per second of autocannon against the provider, recorded individually or counted per second. */
export async function benchRaw(): Promise<Row[]> {
  const measured = { each: [] as Measured[], seconds: [] as Measured[] };
  for (let round = 0; round < ROUNDS; round++) {
    // Alternate, so that a slowdown of the machine affects both.
    for (const kind of KINDS) measured[kind].push(await measure(kind));
  }
  const of = (kind: (typeof KINDS)[number], key: keyof Measured): number =>
    median(measured[kind].map((result) => result[key]));
  return [
    row('one record per request', of('each', 'perSecond'), {}),
    row('counted per second', of('seconds', 'perSecond'), {
      each: of('seconds', 'perSecond') / of('each', 'perSecond'),
    }),
    row('journal bytes per request, one record each', of('each', 'bytes'), {}),
    row('the same, counted per second', of('seconds', 'bytes'), { each: of('seconds', 'bytes') / of('each', 'bytes') }),
    row('requests read and judged per second, one record each', of('each', 'judged'), {}),
    row('the same, counted per second', of('seconds', 'judged'), {
      each: of('seconds', 'judged') / of('each', 'judged'),
    }),
  ];
}

interface Measured {
  readonly perSecond: number;
  readonly bytes: number;
  readonly judged: number;
}

function row(name: string, amount: number, ratios: Row['ratios']): Row {
  return { name, amount, unit: '', ratios };
}

async function measure(records: (typeof KINDS)[number]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-bench-'));
  const file = join(folder, 'journal.jsonl');
  const overrides = { 'client.autocannon.records': records, 'client.autocannon.duration': '4s' };
  await runScenario(await loadScenario(SCENARIO, { overrides }), {
    tool: 'bench',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => process.stderr.write(text),
    openJournal: () => createJournalWriter(file),
  });
  const startMs = performance.now();
  const run = readRun(readJournalRecords(file), { columnar: true });
  const attempts = analyse(run).metrics.find(({ name }) => name === 'attempts');
  const seconds = (performance.now() - startMs) / 1000;
  const requests = attempts?.type === 'counter' ? attempts.count : 0;
  const { size } = statSync(file);
  rmSync(folder, { recursive: true });
  return { perSecond: requests / (run.endUs / 1e6), bytes: size / requests, judged: requests / seconds };
}
