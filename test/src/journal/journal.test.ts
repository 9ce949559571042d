import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../../src/journal/journal-reader.ts';
import { createJournalWriter } from '../../../src/journal/journal-writer.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { header, repeated } from '../analysis/strip.ts';

let file = '';
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'quotalab-journal-')), 'journal.jsonl');
});

const RECORDS: readonly JournalRecord[] = [
  header(),
  ...repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 500, 100),
  { type: 'dropped', scheduledUs: 5 },
  { type: 'end', endUs: 60_000_000 },
];

function write(records: readonly JournalRecord[]): void {
  const journal = createJournalWriter(file);
  for (const record of records) journal.write(record);
  journal.close();
}

describe('a journal', () => {
  it('is read as it was written', async () => {
    write(RECORDS);
    expect(await readJournal(file)).toEqual(RECORDS);
  });

  it('is on disk when the event loop has turned, before it is closed', async () => {
    const journal = createJournalWriter(file);
    for (const record of RECORDS.slice(0, 10)) journal.write(record);
    await setImmediate();
    expect(await readJournal(file)).toEqual(RECORDS.slice(0, 10));
    journal.close();
  });

  it('contains the later run if two runs write to one path', async () => {
    const [first, second] = [createJournalWriter(file), createJournalWriter(file)];
    for (const record of RECORDS) {
      first.write({ ...header(), tool: 'the first' });
      second.write(record);
    }
    second.close();
    first.close();
    expect(await readJournal(file)).toEqual(RECORDS);
  });

  it('that was cut off is readable up to its last complete line', async () => {
    write(RECORDS);
    const bytes = readFileSync(file).length;
    for (const cut of [1, 7, 1000, 20_000]) {
      truncateSync(file, bytes - cut);
      const whole = readFileSync(file, 'utf8').split('\n').length - 1;
      const records = await readJournal(file);
      expect(records).toEqual(RECORDS.slice(0, records.length));
      // A last line that only lacks its newline is complete.
      expect([whole, whole + 1]).toContain(records.length);
    }
  });
});

describe('an invalid journal', () => {
  it.each([
    ['journal/not-a-journal', '{"type":"call"}\n'],
    ['journal/not-a-journal', ''],
    ['journal/not-a-journal', '{"type":"header"}\n'],
    ['journal/newer-version', `${JSON.stringify({ ...header(), version: 99 })}\n`],
    ['journal/damaged', `${JSON.stringify(header())}\n{"type":"ca\n{"type":"end","endUs":1}\n`],
  ])('%s: %j', async (code, text) => {
    writeFileSync(file, text);
    await expect(readJournal(file)).rejects.toMatchObject({ code });
  });

  it('a missing file, and a file that cannot be written', async () => {
    await expect(readJournal(file)).rejects.toMatchObject({ code: 'journal/not-found' });
    expect(() => createJournalWriter('/nowhere/at/all')).toThrow(
      expect.objectContaining({ code: 'journal/not-writable' }),
    );
  });
});

describe('a journal with invalid lines', () => {
  const [attempt] = repeated('a.1 0-10 429 ra=1000', 1, 100).filter(({ type }) => type === 'attempt');
  const lineOf = (record: object): string => JSON.stringify(record);

  it.each([
    ['an unknown type', lineOf({ type: 'attempted' }), 'has the unknown type "attempted"'],
    ['not an object', '7', 'has the unknown type undefined'],
    ['a second header', lineOf(header()), 'is a second header: two journals were joined'],
    ['no status', lineOf({ ...attempt, status: undefined }), 'has no valid status'],
    ['limits that are not a list', lineOf({ ...attempt, limits: 3 }), 'has no valid limits'],
    [
      'a clock that goes back',
      lineOf({ ...attempt, startUs: 9_000_000 }),
      'ends 8990000 µs before it starts: the clock was set back during the run',
    ],
    [
      'a reply head before the start',
      lineOf({ ...attempt, startUs: 5000, headersUs: 4000, endUs: 6000 }),
      'has its reply head before its start or after its end: the clock was set back during the run',
    ],
  ])('%s', async (_, text, message) => {
    writeFileSync(file, `${lineOf(header())}\n${lineOf(attempt!)}\n${text}\n${lineOf({ type: 'end', endUs: 1 })}\n`);
    await expect(readJournal(file)).rejects.toMatchObject({
      code: 'journal/damaged',
      message: `${file} has 1 damaged line`,
      problems: [{ path: '', file, line: 3, message }],
    });
  });

  it('lists ten of them and counts the rest', async () => {
    writeFileSync(file, `${lineOf(header())}\n${'{"type":"call"}\n'.repeat(12)}`);
    const expected = { message: `${file} has 12 damaged lines; 2 more not listed` };
    await expect(readJournal(file)).rejects.toMatchObject(expected);
    await expect(readJournal(file)).rejects.toHaveProperty('problems.length', 10);
  });

  it('reads lines longer than a chunk of the file, and characters across its end', async () => {
    const long = { type: 'dropped', scheduledUs: 1, note: 'ä€'.repeat(1_500_000) };
    writeFileSync(file, `${lineOf(header())}\n${lineOf(long)}\n${lineOf({ type: 'end', endUs: 1 })}`);
    expect((await readJournal(file))[1]).toEqual(long);
    expect(await readJournal(file)).toHaveLength(3);
  });
});

describe('a journal with missing records', () => {
  const records = repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 5, 3000);
  const end: JournalRecord = { type: 'end', endUs: 60_000_000 };

  it.each([
    ['an attempt', 'attempt 4', ['missing attempts: 1 (ids 1 to 10)']],
    ['a call', 'call 2', ['missing calls: 1 (ids 1 to 5)']],
    ['the last call', 'call 5', ['missing calls: 1 (ids 1 to 5)']],
  ])('%s', async (_, removed, messages) => {
    write([header(), ...records.filter(({ type, id }) => `${type} ${id}` !== removed), end]);
    const problems = messages.map((message) => ({ path: '', file, message }));
    await expect(readJournal(file)).rejects.toMatchObject({ code: 'journal/damaged', problems });
  });

  it.each<[string, JournalRecord[]]>([
    ['was cut off', []],
    ['lost its client', [{ ...end, stopped: 'client-exited' }]],
    ['was interrupted', [{ ...end, stopped: 'interrupted' }]],
  ])('is distinguished from one that %s while calls were open', async (_name, last) => {
    write([header(), ...records.filter(({ type, id }) => type === 'attempt' || id !== 5), ...last]);
    expect(await readJournal(file)).toHaveLength(records.length + last.length);
  });

  it('or duplicate records', async () => {
    write([header(), ...records, records.at(-1)!, end]);
    const twice = [{ line: 17, message: 'is a second attempt 10' }];
    await expect(readJournal(file)).rejects.toMatchObject({ code: 'journal/damaged', problems: twice });
    const swapped = records.map((record) =>
      record.type === 'attempt' && record.id === 4 ? { ...record, id: 3 } : record,
    );
    write([header(), ...swapped, end]);
    await expect(readJournal(file)).rejects.toMatchObject({ problems: [{ message: 'is a second attempt 3' }] });
  });
});
