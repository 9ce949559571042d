/**
 * Child of `analysis.ts`: reads a journal and makes all of its report, or only parses its lines; tells seconds and peak
 * memory.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run/run-view.ts';
import { journalRecords } from '../src/journal/journal-reader.ts';
import { writeReport } from '../src/report/write-report.ts';

const [what, file] = process.argv.slice(2) as ['report' | 'parse', string];
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
if (what === 'parse') {
  let attempts = 0;
  // A buffer of the whole file: strings of this length there are none.
  const bytes = readFileSync(file);
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    if ((JSON.parse(bytes.toString('latin1', from, end)) as { type: string }).type === 'attempt') attempts++;
    from = end + 1;
  }
  process.send!({ attempts, readS: seconds(), judgedS: 0, reportedS: 0, peakMb: 0 });
} else {
  const run = readRun(journalRecords(file));
  const readS = seconds();
  const analysis = analyse(run);
  const judgedS = seconds() - readS;
  await writeReport(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), run, analysis, { charts: true });
  const reportedS = seconds() - readS - judgedS;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.send!({ attempts: run.attempts.length, readS, judgedS, reportedS, peakMb });
}
process.disconnect();
