import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkScenario } from '../src/analysis/check-scenario.ts';
import type { JournalRecord } from '../src/journal/record.ts';
import { modelJournal } from '../src/run/model.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { scenarioFile } from './scenario-file.ts';

const LIMITS =
  '{ name: requests, scope: organization, capacity: 50, refill: 50/s }, { name: tokens, unit: tokens, scope: organization, capacity: 10000, refill: 2000/s }';

/** So many attempts does the run make that a big journal repeats. */
const IN_ONE_RUN = 100_000;

/**
 * Writes a journal of about this many attempts and returns its path: 200 modelled users against two limits, of whose
 * attempts about half are refused. It is one run laid end to end as often as it takes.
 */
export async function bigJournal(attempts: number): Promise<string> {
  const scenario = await loadScenario(scenarioFile(200, '15m', LIMITS), { check: checkScenario });
  const [header, ...rest] = modelJournal(scenario, 'quotalab bench');
  const records = rest.filter(({ type }) => type !== 'end');
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), 'journal.jsonl');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `${JSON.stringify(header)}\n`);
  const rounds = Math.max(1, Math.round(attempts / IN_ONE_RUN));
  const step = {
    us: 20 * 60e6,
    attempts: records.filter(({ type }) => type === 'attempt').length,
    calls: records.filter(({ type }) => type === 'call').length,
  };
  for (let round = 0; round < rounds; round++)
    writeSync(descriptor, records.map((record) => `${JSON.stringify(shifted(record, round, step))}\n`).join(''));
  writeSync(descriptor, `${JSON.stringify({ type: 'end', endUs: step.us * rounds })}\n`);
  closeSync(descriptor);
  return file;
}

/** How far one round is from the next. */
interface Step {
  readonly us: number;
  readonly attempts: number;
  readonly calls: number;
}

/** The same record in a later round, in which nothing has the id of an earlier one. */
function shifted(record: JournalRecord, round: number, step: Step): JournalRecord {
  const byUs = round * step.us;
  const byCall = round * step.calls;
  if (record.type === 'attempt') {
    const { call, callTag, headersUs } = record;
    return {
      ...record,
      id: record.id + round * step.attempts,
      ...(call !== null && { call: call + byCall }),
      ...(callTag !== undefined && { callTag: String(Number(callTag) + byCall) }),
      startUs: record.startUs + byUs,
      ...(headersUs !== undefined && { headersUs: headersUs + byUs }),
      endUs: record.endUs + byUs,
    };
  }
  if (record.type !== 'call') return record;
  return {
    ...record,
    id: record.id + byCall,
    scheduledUs: record.scheduledUs + byUs,
    startUs: record.startUs + byUs,
    endUs: record.endUs + byUs,
  };
}
