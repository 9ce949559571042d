import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigJournal } from './big-journal.ts';
import type { Row } from './table.ts';

const SIZES = [100_000, 1_000_000];

/** The result of a child process running `analyse-one.ts`. */
interface Analysed {
  readonly attempts: number;
  readonly readS: number;
  readonly judgedS: number;
  readonly reportedS: number;
  readonly peakMb: number;
}

/**
 * Journal to report at two sizes, compared with JSON.parse of the same lines, and the growth of time between the
 * sizes.
 */
export async function benchAnalysis(): Promise<Row[]> {
  const rows: Row[] = [];
  const reports: Analysed[] = [];
  for (const size of SIZES) {
    const file = await bigJournal(size);
    try {
      const bare = await analysed('parse', file);
      const report = await analysed('report', file);
      const parse = `JSON.parse, ${bare.attempts.toLocaleString('en-US')} attempts`;
      const ratios = { [parse]: secondsOf(bare) / secondsOf(report) };
      rows.push({ name: parse, amount: perSecond(bare), unit: 'per second', ratios: {} });
      rows.push({ name: `report: ${formatTimings(report)}`, amount: perSecond(report), unit: 'per second', ratios });
      reports.push(report);
    } finally {
      rmSync(dirname(file), { recursive: true });
    }
  }
  const [small, large] = reports as [Analysed, Analysed];
  const exponent = Math.log(secondsOf(large) / secondsOf(small)) / Math.log(large.attempts / small.attempts);
  return [...rows, { name: 'time grows with attempts to the power of', amount: exponent, unit: '', ratios: {} }];
}

const secondsOf = ({ readS, judgedS, reportedS }: Analysed): number => readS + judgedS + reportedS;
const perSecond = (result: Analysed): number => result.attempts / secondsOf(result);

function formatTimings({ readS, judgedS, reportedS, peakMb }: Analysed): string {
  return `read ${readS.toFixed(2)} s, judged ${judgedS.toFixed(2)} s, reported ${reportedS.toFixed(2)} s, ${Math.round(peakMb)} MB`;
}

function analysed(what: 'report' | 'parse', file: string): Promise<Analysed> {
  const child = fork(fileURLToPath(new URL('./analyse-one.ts', import.meta.url)), [what, file]);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Analysed));
    child.once('exit', (code) => reject(new Error(`analysis exited with code ${code}`)));
  });
}
