/** Child of `analysis.ts`: reads a journal and makes all of its report, then tells seconds and peak memory. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run-view.ts';
import { journalRecords } from '../src/journal/journal-reader.ts';
import { writeReport } from '../src/report/write-report.ts';

const file = process.argv[2]!;
const began = performance.now();
const run = readRun(journalRecords(file));
const read = performance.now();
const analysis = analyse(run);
const judged = performance.now();
await writeReport(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), run, analysis, { charts: true });
process.send!({
  attempts: run.attempts.length,
  readS: (read - began) / 1000,
  judgedS: (judged - read) / 1000,
  reportedS: (performance.now() - judged) / 1000,
  peakMb: process.resourceUsage().maxRSS / 1024,
  verdicts: analysis.verdicts.map(({ id, status, figure }) => `${id} ${status} ${figure}`),
});
process.disconnect();
