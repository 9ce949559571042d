import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Analysis } from '../analysis/analysis.ts';
import { hasPassed } from '../analysis/pass-rule.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { openBytes } from '../files/byte-source.ts';
import { PAGE_NOT_BUILT } from '../files/page-file.ts';
import { isWriteError } from '../files/write-error.ts';
import { formatCommand } from '../programs/command-text.ts';
import type { PageCommand } from '../report/page/page-data.ts';
import { summaryJson } from '../report/summary-json.ts';
import { paintFor } from '../report/terminal/paint.ts';
import { pathToOpen } from '../report/terminal/result-line.ts';
import { type RunEnding, runResult } from '../report/terminal/run-result.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
import { indented } from '../report/terminal/wrap.ts';
import { writeReport } from '../report/write-report.ts';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { type LastLine, printResult } from './print-result.ts';
import { createProgressLine } from './progress.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

/** The flags of commands that report a run. */
export interface ReportFlags {
  readonly json: boolean;
  readonly charts: boolean;
  readonly html: boolean;
  readonly allowInconclusive: boolean;
  readonly strict?: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
}

interface ReportPlaces {
  readonly folder: string;
  /** Path of the journal. */
  readonly journal: string;
}

/** What is known of a run beside its records. */
interface ReportedEnding extends Pick<RunEnding, 'needsRequests'> {
  /** Prints what belongs above the line of the result. */
  readonly printMore?: () => void;
  /** Why it tested nothing; printed before the result. */
  readonly error?: Error | undefined;
  /** Takes the line of the result, to print it after something else. Default: it is printed at once. */
  readonly keepLast?: (line: LastLine) => void;
}

/**
 * Writes the report folder of a run and prints the result, with the line that says it at the end. Returns the exit code that
 * verdicts and thresholds ask for. Throws `report/not-writable` after it has printed the result.
 */
export async function reportRun(
  run: Run,
  analysis: Analysis,
  { folder, journal, json, charts, html, full, quiet, ...leniency }: ReportFlags & ReportPlaces,
  { error, printMore, needsRequests = true, keepLast }: ReportedEnding = {},
): Promise<number> {
  const line = createProgressLine(quiet);
  line.show(charts ? 'drawing the charts' : 'writing the report');
  const writing = writeReport(folder, run, analysis, { charts, html, leniency, again: againCommands(journal) }).finally(
    line.clear,
  );
  const files = (await writing.catch(() => [])).map((file) => relative('.', file));
  const failure = error === undefined || run.header.program ? undefined : 'the client was not tested to its end';
  const result = runResult(run, analysis, { ...leniency, failure, needsRequests });
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`);
  else {
    process.stdout.write(terminalSummary(run, analysis, { ...terminal(process.stdout), ...leniency, full }));
    process.stdout.write(`\n${describeFiles(run, files, { journal, html })}`);
  }
  // One sentence for a full disk, though it met the journal and the report.
  const failed = await writing.then(
    () => false,
    () => true,
  );
  if (error && !(failed && isWriteError(error))) printError(error);
  printMore?.();
  const last = { result, open: pathToOpen(files) };
  if (keepLast && !failed) keepLast(last);
  else printResult(result, { json, quiet, ...last });
  await writing;
  return hasPassed(analysis, leniency) ? EXIT.passed : EXIT.failed;
}

/** Returns the commands that make a report again, as its page shows them. */
function againCommands(journal: string): PageCommand[] {
  return [
    typedCommand('The same again'),
    { label: 'From its journal', command: formatCommand(['quotalab', 'report', relative('.', journal)]) },
  ];
}

/** Lists what was written, wrapped. */
function describeFiles(
  run: Run,
  files: readonly string[],
  { journal, html }: Pick<ReportPlaces, 'journal'> & Pick<ReportFlags, 'html'>,
): string {
  const hash = (): string => (isRepeatable(run.header.time) ? ` (sha256 ${journalHash(journal)})` : '');
  const folder = files[0]?.slice(0, files[0].lastIndexOf('/') + 1);
  const names = files.map((file) => file.slice(folder?.length ?? 0)).join(' ');
  const lines = [
    ...(folder === undefined ? [] : [`${folder}: ${names}`]),
    ...(html && files.length > 0 && !names.includes('report.html') ? [PAGE_NOT_BUILT] : []),
    // Its folder may be gone.
    ...(existsSync(journal) ? [`${relative('.', journal)}${hash()}`] : []),
  ];
  const { color, width } = terminal(process.stdout);
  const paint = paintFor(color);
  return `${lines.flatMap((line) => indented(line, width, 2).map(paint.quiet)).join('\n')}\n\n`;
}

/** Hash to compare journals by, of their lines: repeatable runs have equal journals. */
function journalHash(journal: string): string {
  const hash = createHash('sha256');
  const source = openBytes(journal);
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let read = source.read(chunk, 0); read > 0; read = source.read(chunk, 0)) hash.update(chunk.subarray(0, read));
  } finally {
    source.close();
  }
  return hash.digest('hex').slice(0, 16);
}
