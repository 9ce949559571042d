import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { appendText, writeFiles, writeWhole } from '../../../src/files/write-files.ts';
import { writeJournal } from '../../../src/journal/journal-writer.ts';
import { writeReport } from '../../../src/report/write-report.ts';
import { header } from '../analysis/strip.ts';

const createFolder = (): string => mkdtempSync(join(tmpdir(), 'quotalab-files-'));

it('a file that cannot be written: one sentence with its own name, and no part of it is left', () => {
  const folder = createFolder();
  mkdirSync(join(folder, 'summary.txt'));
  const write = (): unknown =>
    writeFiles(folder, [
      ['summary.json', '{}'],
      ['summary.txt', 'text'],
      ['charts.png', 'png'],
    ]);
  expect(write).toThrow(
    expect.objectContaining({
      code: 'report/not-writable',
      message: expect.stringMatching(/^cannot write \S+\/summary\.txt: E\w+: [a-z ]+$/),
    }),
  );
  expect(readdirSync(folder).sort()).toEqual(['summary.json', 'summary.txt']);
});

it('what was killed while it wrote a file is removed by who writes it next, what is being written is not', () => {
  const folder = createFolder();
  const ended = spawnSync('true').pid;
  for (const pid of [ended, process.ppid]) writeFileSync(join(folder, `summary.json.${pid}.part`), '{');
  writeFiles(folder, [['summary.json', '{}']]);
  expect(readdirSync(folder).sort()).toEqual(['summary.json', `summary.json.${process.ppid}.part`]);
});

it('the folder is gone: journals and files that others write too say so', () => {
  const gone = join(createFolder(), 'gone');
  const sentence = (code: string, name: string): object =>
    expect.objectContaining({ code, message: `cannot write ${join(gone, name)}: ENOENT: no such file or directory` });
  expect(() => writeJournal(join(gone, 'journal.jsonl'), [header()])).toThrow(
    sentence('journal/not-writable', 'journal.jsonl'),
  );
  expect(() => writeWhole(join(gone, 'load.py'), '', 'export/not-writable')).toThrow(
    sentence('export/not-writable', 'load.py'),
  );
  expect(() => appendText(join(gone, 'summary.md'), '')).toThrow(sentence('report/not-writable', 'summary.md'));
});

it('a report that cannot be written leaves none of an earlier run, which would pass for its own', async () => {
  const folder = createFolder();
  mkdirSync(join(folder, 'summary.txt', 'in the way'), { recursive: true });
  for (const name of ['summary.json', 'journal.jsonl', 'load.png']) writeFileSync(join(folder, name), 'earlier');
  const run = readRun([header(), { type: 'end', endUs: 1_000_000 }]);
  await expect(writeReport(folder, run, analyse(run), { charts: true })).rejects.toMatchObject({
    code: 'report/not-writable',
  });
  expect(readFileSync(join(folder, 'summary.json'), 'utf8')).toContain('urn:quotalab:schema:summary');
  expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'summary.json', 'summary.txt']);
});
