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

/** Attempts of the run that a big journal repeats. */
const ATTEMPTS_PER_RUN = 100_000;

/**
 * Writes a journal of about `attempts` attempts and returns its path: 200 modelled VUs against two limits, which refuse
 * about half of the attempts. The journal repeats one run end to end.
 */
export async function bigJournal(attempts: number): Promise<string> {
  const scenario = await loadScenario(scenarioFile(200, '15m', LIMITS), { check: checkScenario });
  const [header, ...rest] = modelJournal(scenario, 'quotalab bench');
  const records = rest.filter(({ type }) => type !== 'end');
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), 'journal.jsonl');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `${JSON.stringify(header)}\n`);
  const rounds = Math.max(1, Math.round(attempts / ATTEMPTS_PER_RUN));
  const step = {
    us: 20 * 60e6,
    attempts: records.filter(({ type }) => type === 'attempt').length,
    calls: records.filter(({ type }) => type === 'call').length,
  };
  for (let round = 0; round < rounds; round++)
    writeSync(descriptor, records.map((record) => `${JSON.stringify(shiftRecord(record, round, step))}\n`).join(''));
  writeSync(descriptor, `${JSON.stringify({ type: 'end', endUs: step.us * rounds })}\n`);
  closeSync(descriptor);
  return file;
}

/** The offset from one round to the next. */
interface Step {
  readonly us: number;
  readonly attempts: number;
  readonly calls: number;
}

/** Returns the record shifted to a later round, with unique IDs. */
function shiftRecord(record: JournalRecord, round: number, step: Step): JournalRecord {
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
