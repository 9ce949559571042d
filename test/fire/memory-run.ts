/** Runs one load as the command line does, and prints what it took of memory as JSON. Arguments: time, hours, whether records are kept. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnce } from '../../src/experiment/run-once.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';

/** What a run took, in bytes. */
export interface MemoryUse {
  readonly calls: number;
  readonly attempts: number;
  /** What its records took when all had been written, before the analysis. */
  readonly recordsBytes: number;
  /** The highest resident set of the process, analysis included. */
  readonly peakBytes: number;
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

const [time, hours, kept] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'quotalab-memory-'));
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
  let recordsBytes = 0;
  const { run } = await runOnce(
    scenario,
    {
      keepsRecords: kept === 'kept',
      onProgress: () => {
        recordsBytes = heldBytes() - before;
      },
    },
    join(folder, 'journal.jsonl'),
  );
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const { calls, attempts } = run;
  const use: MemoryUse = { calls: calls.length, attempts: attempts.length, recordsBytes, peakBytes: peakKib * 1024 };
  process.stdout.write(JSON.stringify(use));
} finally {
  rmSync(folder, { recursive: true });
}

function heldBytes(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
