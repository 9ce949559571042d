import { basename, join, parse, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { analyse } from '../analysis/analyse.ts';
import { readRun } from '../analysis/run/read-run.ts';
import { loadCheckedScenario } from '../experiment/load-checked-scenario.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import { compressJournal, journalIn, removeEarlier } from '../journal/journal-place.ts';
import { writeJournal } from '../journal/journal-writer.ts';
import { learnLimits } from '../learn/learn.ts';
import { renderLearntLimits } from '../learn/render.ts';
import { FIELDS, parseFieldMap } from '../recorded/field-map.ts';
import { FORMAT_NAMES, type FormatName } from '../recorded/formats.ts';
import { parseMarkerPlace } from '../recorded/marker.ts';
import { COMBINED } from '../recorded/nginx.ts';
import type { Observation } from '../recorded/observation.ts';
import { addCiOptions, type CiFlags, type CiOutputs, judgedRun } from './ci-outputs.ts';
import { findScenario } from './find-scenario.ts';
import { collect } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { createProgressLine } from './progress.ts';
import { readRecording } from './read-recording.ts';
import { reportRun } from './report-run.ts';

interface AnalyzeFlags extends CiFlags {
  readonly format?: FormatName;
  readonly map: string[];
  readonly logFormat?: string;
  readonly host: string[];
  readonly marker?: string;
  readonly scenario?: string;
  readonly out?: string;
  readonly learnLimits: boolean;
  readonly charts: boolean;
  readonly html: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
  readonly allowInconclusive: boolean;
}

export function addAnalyzeCommand(program: Command): void {
  const command = program
    .command('analyze')
    .summary('judge recorded traffic: a HAR, logs or spans')
    .description(
      'Judges recorded production traffic with the same verdicts as a run: a HAR, JSON lines, an nginx access log, ' +
        'LiteLLM logs or OpenTelemetry spans. Keys are hashed on read; prompts, replies and cookies are not kept.',
    )
    .argument('<file>', 'the recording; - reads standard input')
    .addOption(new Option('--format <name>', 'format of the recording; detected if omitted').choices(FORMAT_NAMES))
    .option('--map <field=path>', 'paths of the fields in JSON lines, e.g. at=ts:ms,status=http.status', collect, [])
    .option('--log-format <format>', `log_format of the nginx log (default: combined)`)
    .option('--host <name>', 'read only this host, e.g. *.example.com for all subdomains; repeatable', collect, [])
    .option('--marker <place>', 'value shared by all attempts of a call: header:NAME or body:PATH')
    .option('--scenario <file>', 'use the verdicts and thresholds of this scenario')
    .option('--learn-limits', 'write limits.yaml: a limits: block inferred from headers and 429s', false)
    .option('-o, --out <folder>', 'folder for the reports (default: reports/<name of the file>)')
    .option('--json', 'print the summary as JSON', false)
    .option('--full', 'print every verdict with its figures, also those that passed', false)
    .option('--no-charts', 'do not draw charts')
    .option('--no-html', 'do not write report.html')
    .option('--allow-inconclusive', 'do not fail on a required verdict that was not decided', false);
  addCiOptions(command);
  addHelpFooter(command, {
    details: fieldReference(),
    exitCodes: { 0: 'passed', 99: 'a verdict or threshold failed' },
    example: 'quotalab analyze traffic.har --host api.openai.com --learn-limits',
  }).action((file: string, flags: AnalyzeFlags) => judgedAction(flags, file, (ci) => analyze(file, flags, ci)));
}

/** Reference of the fields of `--map`, and of `--log-format`. */
function fieldReference(): string[] {
  const longest = Math.max(...Object.keys(FIELDS).map((name) => name.length));
  const fields = Object.entries(FIELDS).map(([name, about]) => `  ${name.padEnd(longest)}  ${about}`);
  return [
    'Fields of --map (append a unit s, ms, us or ns to the path, e.g. duration=took:ms):',
    ...fields,
    '',
    `--log-format uses the syntax of nginx; combined is '${COMBINED}'.`,
  ];
}

async function analyze(file: string, flags: AnalyzeFlags, ci: CiOutputs): Promise<number> {
  const { format, map, logFormat, host, marker, out, scenario } = flags;
  const checks = scenario === undefined ? undefined : await loadCheckedScenario(findScenario(scenario));
  const line = createProgressLine(flags.quiet);
  line.show(`reading ${file === '-' ? 'standard input' : file}`);
  const { records, observations } = await readRecording(file, {
    format,
    map: map.length === 0 ? undefined : parseFieldMap(map),
    logFormat,
    hosts: host,
    marker: marker === undefined ? undefined : parseMarkerPlace(marker),
    checks,
  }).finally(line.clear);
  const folder = resolve(out ?? join('reports', file === '-' ? 'recording' : nameOf(file)));
  ensureWritable(folder);
  const place = journalIn(folder);
  removeEarlier(place);
  writeJournal(place.file, records);
  const journal = await compressJournal(place);
  const run = readRun(records);
  const analysis = analyse(run);
  const printMore = (): void => {
    if (flags.learnLimits) writeLimits(observations, folder, flags.json);
  };
  const exitCode = await reportRun(run, analysis, { folder, journal, ...flags }, { printMore });
  await ci.writeRun(judgedRun(run, analysis));
  return exitCode;
}

/** The name of a recording, without what tells its format and compression: `traffic` of `traffic.har.gz`. */
function nameOf(file: string): string {
  return parse(basename(file).replace(/\.(?:gz|zst)$/, '')).name;
}

/** Writes limits.yaml into the report folder and prints it; on stderr if stdout carries JSON. */
function writeLimits(observations: readonly Observation[], folder: string, json: boolean): void {
  const block = renderLearntLimits(learnLimits(observations));
  const [file] = writeFiles(folder, [['limits.yaml', block]]);
  const indented = block.replace(/^(?=.)/gm, '  ');
  (json ? process.stderr : process.stdout).write(`  LIMITS, written to ${relative('.', file!)}\n\n${indented}\n`);
}
