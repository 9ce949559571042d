import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { readResult } from '../../../src/experiment/read-result.ts';
import { readTextChunks } from '../../../src/files/byte-source.ts';
import { compressJournal, findJournal, journalAt, journalIn } from '../../../src/journal/journal-place.ts';
import { readJournal } from '../../../src/journal/journal-reader.ts';
import { formatRecord, writeJournal } from '../../../src/journal/journal-writer.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { header, repeated } from '../analysis/strip.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-compressed-'));
});

const END: JournalRecord = { type: 'end', endUs: 6_000_000_000 };
const SMALL = [header(), ...repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 3, 2000), END];
const LARGE = [header(), ...repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 2000, 2000), END];
const textOf = (records: readonly JournalRecord[]): string => records.map(formatRecord).join('');

describe('a run has ended', () => {
  it('its small journal stays as it is', async () => {
    const place = journalIn(folder);
    writeJournal(place.file, SMALL);
    expect(await compressJournal(place)).toBe(join(folder, 'journal.jsonl'));
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });

  it('its large journal is compressed, and read under its old name, its new one, and that of its folder', async () => {
    const place = journalIn(folder);
    writeJournal(place.file, LARGE);
    const bytes = readFileSync(place.file).length;
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(await compressJournal(place)).toBe(join(folder, 'journal.jsonl.gz'));
    expect(readdirSync(folder)).toEqual(['journal.jsonl.gz']);
    expect(readFileSync(join(folder, 'journal.jsonl.gz')).length).toBeLessThan(bytes / 8);
    for (const path of [join(folder, 'journal.jsonl.gz'), place.file, folder]) {
      const records = await readJournal(path);
      expect(records).toEqual(LARGE);
    }
  });

  it('what compares results reads it likewise', async () => {
    writeFileSync(join(folder, 'journal.jsonl.gz'), gzipSync(textOf(SMALL)));
    for (const name of ['journal.jsonl.gz', 'journal.jsonl', '']) {
      expect((await readResult(join(folder, name))).measurement.seeds).toEqual([1]);
    }
  });

  it('a journal that was named is compressed if its name says so', async () => {
    const [plain, gzip, zstd] = ['a.jsonl', 'b.jsonl.gz', 'c.jsonl.zst'].map((name) => journalAt(join(folder, name)));
    for (const place of [plain!, gzip!, zstd!]) {
      writeJournal(place.file, LARGE.slice(0, 2));
      await compressJournal(place);
    }
    writeJournal(plain!.file, LARGE);
    await compressJournal(plain!);
    expect(readdirSync(folder).sort()).toEqual(['a.jsonl', 'b.jsonl.gz', 'c.jsonl.zst']);
    expect(gunzipSync(readFileSync(join(folder, 'b.jsonl.gz'))).toString()).toBe(textOf(LARGE.slice(0, 2)));
    expect(zstdDecompressSync(readFileSync(join(folder, 'c.jsonl.zst'))).toString()).toBe(textOf(LARGE.slice(0, 2)));
  });

  it('there is no room for the compressed one: the plain one stays', async () => {
    const place = journalIn(folder);
    writeJournal(place.file, LARGE);
    mkdirSync(join(folder, 'journal.jsonl.gz'));
    expect(await compressJournal(place)).toBe(place.file);
    expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'journal.jsonl.gz']);
  });
});

describe('compressed journals from elsewhere', () => {
  const compressions = { gz: gzipSync, zst: zstdCompressSync };

  it.each(['gz', 'zst'] as const)('.%s, cut off: read up to its last complete line', async (ending) => {
    const bytes = compressions[ending](textOf(LARGE));
    const file = join(folder, `journal.jsonl.${ending}`);
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
    const records = await readJournal(file);
    expect(records.length).toBeGreaterThan(100);
    expect(records).toEqual(LARGE.slice(0, records.length));
  });

  it.each(['gz', 'zst'] as const)('.%s with damaged bytes', async (ending) => {
    const bytes = compressions[ending](textOf(LARGE));
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0x55, middle, middle + 500);
    const file = join(folder, 'journal.jsonl');
    writeFileSync(file, bytes);
    await expect(readJournal(file)).rejects.toThrow(/its compressed bytes are damaged|damaged line/);
  });

  it('in two parts, as log rotation joins them', async () => {
    const lines = LARGE.map(formatRecord);
    const file = join(folder, 'journal.jsonl.gz');
    writeFileSync(file, Buffer.concat([lines.slice(0, 50), lines.slice(50)].map((part) => gzipSync(part.join('')))));
    expect(await readJournal(file)).toEqual(LARGE);
  });
});

describe('a folder', () => {
  it('with several journals has to be told which', () => {
    for (const seed of [1, 2]) writeJournal(journalIn(folder, `seed-${seed}`).file, SMALL);
    expect(() => findJournal(folder)).toThrow(
      expect.objectContaining({
        code: 'journal/not-found',
        problems: [{ path: '', message: 'it has seed-1.jsonl, seed-2.jsonl: name one of them' }],
      }),
    );
  });

  it('with none hints at the one below it', () => {
    mkdirSync(join(folder, 'article'));
    writeJournal(journalIn(join(folder, 'article')).file, SMALL);
    expect(() => findJournal(folder)).toThrow(
      expect.objectContaining({
        problems: [{ path: '', message: 'it has no journal.jsonl', hint: join(folder, 'article', 'journal.jsonl') }],
      }),
    );
  });
});

it.each([
  ['plain', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
  ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
])('text in chunks, %s: a character in two of them is one', async (_name, compress) => {
  const text = '{"message":"Überlast – 429"}\n'.repeat(1000);
  const bytes = compress(Buffer.from(text));
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 13) yield bytes.subarray(at, at + 13);
  }
  let read = '';
  for await (const piece of readTextChunks(chunks())) read += piece;
  expect(read).toBe(text);
});
