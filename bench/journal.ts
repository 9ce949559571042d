import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal } from '../src/journal/journal-reader.ts';
import { createJournalWriter } from '../src/journal/journal-writer.ts';
import type { JournalRecord } from '../src/journal/record.ts';
import { header, repeated } from '../test/src/analysis/strip.ts';
import type { Row } from './table.ts';

const CALLS = 100_000;

/** Journal lines written and read per second; the baseline is plain JSON.stringify and writes of 64 kB. */
export async function benchJournal(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-bench-'));
  const records: JournalRecord[] = [header(), ...repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', CALLS, 10)];
  try {
    const file = join(folder, 'journal.jsonl');
    writeBare(records, file);
    const bare = perSecond(records.length, () => writeBare(records, file));
    const written = perSecond(records.length, () => write(records, file));
    const before = performance.now();
    const read = (await readJournal(file)).length / ((performance.now() - before) / 1000);
    return [
      { name: 'bare writes', amount: bare, unit: 'per second', ratios: {} },
      { name: 'journal written', amount: written, unit: 'per second', ratios: { 'bare writes': written / bare } },
      { name: 'journal read', amount: read, unit: 'per second', ratios: { 'bare writes': read / bare } },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function perSecond(count: number, run: () => void): number {
  const before = performance.now();
  run();
  return count / ((performance.now() - before) / 1000);
}

function write(records: readonly JournalRecord[], file: string): void {
  const journal = createJournalWriter(file);
  for (const record of records) journal.write(record);
  journal.close();
}

function writeBare(records: readonly JournalRecord[], file: string): void {
  const descriptor = openSync(file, 'w');
  let buffer = '';
  for (const record of records) {
    buffer += `${JSON.stringify(record)}\n`;
    if (buffer.length < 64 * 1024) continue;
    writeSync(descriptor, buffer);
    buffer = '';
  }
  writeSync(descriptor, buffer);
  closeSync(descriptor);
}
