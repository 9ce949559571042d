import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import type { RunOutcome } from '../../../src/run/run-context.ts';
import { runVirtual, type VirtualOptions } from '../../../src/run/virtual.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';

export interface VirtualRun {
  readonly journal: string;
  /** SHA-256 of the journal without its header, which has the version of the tool. */
  readonly hash: string;
  readonly records: readonly JournalRecord[];
  readonly calls: readonly CallRecord[];
  readonly attempts: readonly AttemptRecord[];
  /** Code and message of the error that ended the run. */
  readonly error?: string;
  readonly printed: string;
  readonly notes: readonly string[];
}

/** Source of a client function: one request by fetch; a status other than 2xx throws. */
export const ASK = `
const ask = async (call, env, more = {}) => {
  const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
    ...more,
  });
  await response.text();
  if (!response.ok) throw new Error('HTTP ' + response.status);
};
`;

const PROVIDER = `
provider:
  limits: [{ name: requests, scope: organization, capacity: 5, refill: 5/s }]
  latency: { firstToken: 300ms, perToken: 0s }
`;

/** Runs a client's source in virtual time. `load` is a list of executors in YAML. */
export async function runVirtualClient(
  client: string,
  load = '[{ executor: per-vu-iterations, vus: 2, iterations: 2 }]',
  options: Partial<VirtualOptions> & { readonly provider?: string; readonly seed?: number } = {},
): Promise<VirtualRun> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-virtual-'));
  writeFileSync(join(folder, 'client.mjs'), client);
  const { provider = PROVIDER, seed = 1 } = options;
  const text = `name: film\nseed: ${seed}\nclient: { module: ./client.mjs }\nload: ${load}\n${provider}`;
  writeFileSync(join(folder, 'scenario.yaml'), text);
  const scenario = await loadScenario(join(folder, 'scenario.yaml'));
  let journal = '';
  let printed = '';
  const notes: string[] = [];
  const outcome = await runVirtual(scenario, {
    tool: 'quotalab test',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => {
      printed += text;
    },
    note: (what) => notes.push(what),
    openJournal: () => ({
      write: (record) => {
        journal += `${JSON.stringify(record)}\n`;
      },
      writeLines: (lines) => {
        journal += lines;
      },
      close: () => undefined,
    }),
    ...options,
  }).catch((error: Error): RunOutcome => ({ records: [], clientError: error }));
  const { records, clientError } = outcome;
  return {
    journal,
    hash: createHash('sha256')
      .update(journal.slice(journal.indexOf('\n')))
      .digest('hex')
      .slice(0, 16),
    records,
    calls: records.filter((record) => record.type === 'call'),
    attempts: records.filter((record) => record.type === 'attempt'),
    ...(clientError && { error: `${(clientError as { code?: string }).code}: ${clientError.message}` }),
    printed,
    notes,
  };
}
