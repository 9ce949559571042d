import type { Analysis } from '../analysis/analysis.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { fillPage } from '../files/page-file.ts';
import { type NamedContent, removeFile, writeFiles } from '../files/write-files.ts';
import { chartsOf } from './charts/charts.ts';
import { drawCharts } from './draw.ts';
import { type RunPageOptions, runPage } from './page/run-page.ts';
import { summaryJson } from './summary-json.ts';
import { terminalSummary } from './terminal/terminal.ts';

/** Columns of summary.txt. */
const FILE_WIDTH = 120;

export interface WriteReportOptions extends Partial<Pick<RunPageOptions, 'again' | 'leniency'>> {
  readonly charts: boolean;
  /** Whether to write report.html; default: true. In a checkout without the built page it is left out. */
  readonly html?: boolean;
}

/**
 * Writes summary, report.html and charts into an existing folder, each file atomically, and returns their paths. Removes what an
 * earlier run has left of charts that this run has not: they would pass for its own. If one file cannot be written, throws
 * `report/not-writable`, and removes the earlier run's of it and the following, too.
 */
export async function writeReport(
  folder: string,
  run: Run,
  analysis: Analysis,
  { charts, html = true, again = [], leniency = {} }: WriteReportOptions,
): Promise<string[]> {
  const { specs, leftOut } = charts || html ? chartsOf(run, analysis) : { specs: [], leftOut: [] };
  const drawings = charts ? await drawCharts(specs) : [];
  const options = { charts: specs, leftOut: leftOut.map(({ sentence }) => sentence), again, leniency };
  const page = html ? await fillPage(runPage(run, analysis, options)) : undefined;
  const files: NamedContent[] = [
    ['summary.json', `${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`],
    ['summary.txt', terminalSummary(run, analysis, { color: false, width: FILE_WIDTH, full: true })],
    ...(page === undefined ? [] : [['report.html', page] as const]),
    ...drawings.map(({ file, png }): NamedContent => [file, png]),
  ];
  const written: string[] = [];
  try {
    for (const file of files) written.push(...writeFiles(folder, [file]));
    return written;
  } finally {
    const missing = [...files.slice(written.length).map(([name]) => name), ...leftOut.map(({ file }) => file)];
    for (const name of missing) removeFile(`${folder}/${name}`);
  }
}
