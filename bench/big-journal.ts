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

/**
 * Writes a journal of about this many attempts and returns its path: 200 modelled users against two limits, of whose
 * attempts about half are refused. It is one journal of 100,000 attempts laid end to end as often as it takes.
 */
export async function bigJournal(attempts: number): Promise<string> {
  const scenario = await loadScenario(scenarioFile(200, '20m', LIMITS), { check: checkScenario });
  const [header, ...rest] = modelJournal(scenario, 'quotalab bench');
  const records = upTo(rest, Math.min(attempts, 100_000));
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), 'journal.jsonl');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `${JSON.stringify(header)}\n`);
  const spanUs = Math.max(...records.map((record) => ('endUs' in record ? record.endUs : 0)).slice(-1000)) + 60e6;
  const rounds = Math.max(1, Math.round(attempts / 100_000));
  for (let round = 0; round < rounds; round++)
    writeSync(descriptor, records.map((record) => `${JSON.stringify(shifted(record, round, spanUs))}\n`).join(''));
  writeSync(descriptor, `${JSON.stringify({ type: 'end', endUs: spanUs * rounds })}\n`);
  closeSync(descriptor);
  return file;
}

/** The records up to an attempt, less the calls that go on after it. */
function upTo(records: readonly JournalRecord[], attempts: number): JournalRecord[] {
  let seen = 0;
  const end = records.findIndex((record) => record.type === 'attempt' && ++seen === attempts);
  if (end < 0) throw new Error(`the model made ${seen} attempts only`);
  return records.slice(0, end + 1).filter((record) => record.type !== 'end');
}

/** The same record in a later round, in which nothing has the id of an earlier one. */
function shifted(record: JournalRecord, round: number, spanUs: number): JournalRecord {
  const byUs = round * spanUs;
  const byId = round * 1_000_000;
  if (record.type === 'attempt') {
    const { call, callTag, headersUs } = record;
    return {
      ...record,
      id: record.id + byId,
      ...(call !== null && { call: call + byId }),
      ...(callTag !== undefined && { callTag: String(Number(callTag) + byId) }),
      startUs: record.startUs + byUs,
      ...(headersUs !== undefined && { headersUs: headersUs + byUs }),
      endUs: record.endUs + byUs,
    };
  }
  if (record.type !== 'call') return record;
  return {
    ...record,
    id: record.id + byId,
    scheduledUs: record.scheduledUs + byUs,
    startUs: record.startUs + byUs,
    endUs: record.endUs + byUs,
  };
}
