import { closeSync, openSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import { readRun } from '../analysis/run/read-run.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { harText } from '../export/har/har.ts';
import { requireAttempts } from '../export/require-attempts.ts';
import { csvLines } from '../export/table/csv.ts';
import { runTable, TABLE_NAMES, type TableName } from '../export/table/tables.ts';
import { replaceWhole } from '../files/write-files.ts';
import { readJournalRecords } from '../journal/journal-reader.ts';
import { addHelpFooter } from './help.ts';

interface ExportRunFlags {
  readonly out?: string;
  readonly table: TableName;
}

/** Characters that are written at once. */
const PIECE_CHARS = 256 * 1024;

/** Adds the formats of a finished run: each reads a journal. */
export function addRunFormats(command: Command): void {
  addFormat(
    command,
    'har',
    'write the attempts of a run as HAR 1.2, for browsers and `quotalab analyze`',
    'run.har',
  ).action((journal: string, { out }: ExportRunFlags) => writeText(harText(readJournalRun(journal)), out));
  addTableOption(addFormat(command, 'csv', 'write the attempts or calls of a run as CSV', 'attempts.csv')).action(
    (journal: string, { out, table }: ExportRunFlags) =>
      writeText(csvLines(runTable(readJournalRun(journal), table)), out),
  );
  addTableOption(
    addFormat(
      command,
      'parquet',
      'write the attempts or calls of a run as Parquet, for pandas and DuckDB',
      'attempts.parquet',
    ),
  ).action(exportParquet);
  addFormat(command, 'prometheus', "write a run's metrics and verdicts as Prometheus text", 'run.prom').action(
    async (journal: string, { out }: ExportRunFlags) => {
      const run = readJournalRun(journal);
      const { prometheusText } = await import('../export/prometheus.ts');
      writeText([await prometheusText(run, analyse(run))], out);
    },
  );
  const otel = command
    .command('otel')
    .summary('send the calls and attempts of a run as spans to an OpenTelemetry collector')
    .description(
      'Sends the calls and attempts of a run as spans, and their metrics, to the OpenTelemetry collector that ' +
        'OTEL_EXPORTER_OTLP_ENDPOINT names. `run` and `exec` do so by themselves if it is set.',
    )
    .argument('<journal>', 'the journal of a run, exec or analyze');
  addHelpFooter(otel, { example: 'quotalab export otel reports/article/journal.jsonl' }).action(exportOtel);
}

/** Throws `telemetry/no-endpoint`, and what `sendRun` throws. */
async function exportOtel(journal: string): Promise<void> {
  const { sendRun, telemetryEndpoint } = await import('../telemetry/send-run.ts');
  const endpoint = telemetryEndpoint(process.env);
  if (endpoint === undefined) {
    const problems = [{ path: 'OTEL_EXPORTER_OTLP_ENDPOINT', message: 'is not set', hint: 'http://127.0.0.1:4318' }];
    throw new QuotaLabError('telemetry/no-endpoint', 'no collector to send to', { problems });
  }
  const run = readJournalRun(journal);
  requireAttempts(run, 'spans');
  const spans = await sendRun(run, Date.now() * 1000);
  process.stderr.write(`sent ${spans.toLocaleString('en-US')} spans to ${endpoint}\n`);
}

function addFormat(parent: Command, name: string, summary: string, file: string): Command {
  const command = parent
    .command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`.replace(/^Write/, 'Writes'))
    .argument('<journal>', 'the journal of a run, exec or analyze');
  const about = 'file to write';
  if (name === 'parquet') command.requiredOption('-o, --out <file>', about);
  else command.option('-o, --out <file>', `${about} (default: stdout)`);
  return addHelpFooter(command, { example: `quotalab export ${name} reports/article/journal.jsonl --out ${file}` });
}

function addTableOption(command: Command): Command {
  return command.addOption(
    new Option('--table <name>', 'what a row is').choices(TABLE_NAMES).default('attempts' satisfies TableName),
  );
}

function readJournalRun(journal: string): Run {
  return readRun(readJournalRecords(journal), { columnar: true });
}

async function exportParquet(journal: string, { out, table }: Required<ExportRunFlags>): Promise<void> {
  const run = readJournalRun(journal);
  const cells = runTable(run, table);
  const [{ fileWriter }, { writeParquet }] = await Promise.all([
    import('hyparquet-writer'),
    import('../export/table/parquet.ts'),
  ]);
  const { tool, seed, scenario } = run.header;
  const about = { tool, scenario: scenario.name, seed: String(seed) };
  replaceWhole(out, 'export/not-writable', (part) => writeParquet(cells, fileWriter(part), about));
}

/** Writes pieces of text as they are made: the whole may be larger than memory. */
function writeText(pieces: Iterable<string>, out: string | undefined): void {
  if (out === undefined) {
    for (const text of joined(pieces)) process.stdout.write(text);
    return;
  }
  replaceWhole(out, 'export/not-writable', (part) => {
    const descriptor = openSync(part, 'w');
    try {
      for (const text of joined(pieces)) writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  });
}

function* joined(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARS) continue;
    yield text;
    text = '';
  }
  yield text;
}
