/** Runs one load as the command line does, and prints what it took of memory as JSON. Arguments: time, hours, whether records are kept. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runOnce } from '../../src/experiment/run-once.ts';
import type { JournalRecord } from '../../src/journal/record.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';

/** What a run took, in bytes. */
export interface MemoryUse {
  readonly calls: number;
  readonly attempts: number;
  /** After each quarter of the calls, without garbage: what the records took, and the whole process. */
  readonly quarters: readonly { readonly recordsBytes: number; readonly residentBytes: number }[];
  /** What the run and its analysis hold at the end. */
  readonly analysedBytes: number;
  /** The highest resident set of the process, analysis included. */
  readonly peakBytes: number;
  /** Of the journal, without the moment of its making. */
  readonly hash: string;
}

const CLIENT = `
export default async ({ model, prompt }, { env }) => {
  const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
  });
  await response.text();
  if (!response.ok) throw new Error('HTTP ' + response.status);
};`;
const QUARTERS = 4;

const [time, hours, kept] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'quotalab-memory-'));
const journal = join(folder, 'journal.jsonl');
try {
  writeFileSync(join(folder, 'client.mjs'), CLIENT);
  writeFileSync(
    join(folder, 'scenario.yaml'),
    `name: memory
time: ${time}
client: ./client.mjs
provider: { limits: [requests 50/min, tokens 5k/min] }
load: [{ executor: constant-arrival-rate, rate: 1/s, duration: ${hours}h, maxVUs: 20 }]
`,
  );
  const scenario = await loadScenario(join(folder, 'scenario.yaml'));
  const before = heldBytes();
  const quarters: { recordsBytes: number; residentBytes: number }[] = [];
  const totalCalls = Number(hours) * 3600;
  let calls = 0;
  const onRecord = ({ type }: JournalRecord): void => {
    if (type !== 'call' || ++calls < (totalCalls * (quarters.length + 1)) / QUARTERS) return;
    quarters.push({ recordsBytes: heldBytes() - before, residentBytes: process.memoryUsage.rss() });
  };
  const finished = await runOnce(scenario, { keepsRecords: kept === 'kept', onRecord }, { file: journal });
  const use: MemoryUse = {
    calls: finished.run.calls.length,
    attempts: finished.run.attempts.length,
    quarters,
    analysedBytes: heldBytes() - before,
    peakBytes: Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024,
    hash: await hashJournal(),
  };
  // Held until it has been measured.
  if (finished.analysis.verdicts.length === 0) throw new Error('nothing was analysed');
  process.stdout.write(JSON.stringify(use));
} finally {
  rmSync(folder, { recursive: true });
}

function heldBytes(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function hashJournal(): Promise<string> {
  const hash = createHash('sha256');
  let isHeader = true;
  for await (const line of createInterface({ input: createReadStream(journal) })) {
    hash.update(isHeader ? JSON.stringify({ ...JSON.parse(line), generated: undefined }) : line).update('\n');
    isHeader = false;
  }
  return hash.digest('hex').slice(0, 16);
}
