/**
 * Child process of `analysis.ts`: reads a journal and writes its full report, or only parses its lines; sends the
 * times in seconds and the peak memory.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { writeReport } from '../src/report/write-report.ts';

const [mode, file] = process.argv.slice(2) as ['report' | 'parse', string];
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
if (mode === 'parse') {
  let attempts = 0;
  // A buffer, since the file exceeds the maximum string length.
  const bytes = readFileSync(file);
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    if ((JSON.parse(bytes.toString('latin1', from, end)) as { type: string }).type === 'attempt') attempts++;
    from = end + 1;
  }
  process.send!({ attempts, readS: seconds(), judgedS: 0, reportedS: 0, peakMb: 0 });
} else {
  const run = readRun(readJournalRecords(file), { columnar: true });
  const readS = seconds();
  const analysis = analyse(run);
  const judgedS = seconds() - readS;
  await writeReport(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), run, analysis, { charts: true });
  const reportedS = seconds() - readS - judgedS;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.send!({ attempts: run.attempts.length, readS, judgedS, reportedS, peakMb });
}
process.disconnect();
