import { join, parse, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { checkScenario } from '../analysis/check-scenario.ts';
import { readRun } from '../analysis/run/run-view.ts';
import { writeJournal } from '../journal/journal-writer.ts';
import { learnLimits } from '../learn/learn.ts';
import { renderLearntLimits } from '../learn/render.ts';
import { FIELDS, readFieldMap } from '../recorded/field-map.ts';
import { FORMAT_NAMES, type FormatName } from '../recorded/formats.ts';
import { readMarkerPlace } from '../recorded/marker.ts';
import { COMBINED } from '../recorded/nginx.ts';
import type { Observation } from '../recorded/observation.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { addCiOptions, type CiFlags, type CiOutputs, ciOutputs } from './ci-outputs.ts';
import { conclude } from './conclude.ts';
import { findScenario } from './find-scenario.ts';
import { collect } from './flags.ts';
import { readRecording } from './read-recording.ts';

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
  readonly allowInconclusive: boolean;
}

export function addAnalyzeCommand(program: Command): void {
  const command = program
    .command('analyze')
    .summary('judge recorded traffic: a HAR, logs, spans')
    .description(
      'Judges what a client did in production by the same verdicts: a HAR, JSON lines, an nginx access log, LiteLLM logs ' +
        'or OpenTelemetry spans. Keys are hashed as they are read; prompts, answers and cookies are not kept.',
    )
    .argument('<file>', 'the recording; - reads standard input')
    .addOption(new Option('--format <name>', 'what it is, if its content does not tell').choices(FORMAT_NAMES))
    .option('--map <field=path>', 'where fields stand in JSON lines, e.g. at=ts:ms,status=http.status', collect, [])
    .option('--log-format <format>', `nginx's log_format of the log (default: combined)`)
    .option('--host <name>', 'look at this host only; *.example.com for all below; again for more', collect, [])
    .option('--marker <place>', 'what is the same in all attempts of a call: header:NAME or body:PATH')
    .option('--scenario <file>', 'take verdicts and thresholds of this scenario')
    .option('--learn-limits', 'write the limits: block that headers and 429s imply, to limits.yaml', false)
    .option('-o, --out <folder>', 'where reports go (default: reports/<name of the file>)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'draw nothing')
    .option('--allow-inconclusive', 'a verdict without enough evidence does not fail', false)
    .addHelpText('after', helpText());
  addCiOptions(command).action(async (file: string, flags: AnalyzeFlags) => {
    const ci = ciOutputs(flags, flags);
    try {
      process.exitCode = await analyze(file, flags, ci);
    } catch (error) {
      await ci.tellFault(file, error);
      throw error;
    }
  });
}

function helpText(): string {
  const longest = Math.max(...Object.keys(FIELDS).map((name) => name.length));
  const fields = Object.entries(FIELDS).map(([name, about]) => `  ${name.padEnd(longest)}  ${about}`);
  return [
    '',
    'Fields of --map (a unit s, ms, us or ns may follow the path, as in duration=took:ms):',
    ...fields,
    '',
    `--log-format takes what nginx does; combined is '${COMBINED}'.`,
    '',
    'Exit codes: 0 passed, 99 a verdict or threshold failed, 2 bad input.',
  ].join('\n');
}

async function analyze(file: string, flags: AnalyzeFlags, ci: CiOutputs): Promise<number> {
  const { format, map, logFormat, host, marker, out, scenario } = flags;
  const asked =
    scenario === undefined ? undefined : await loadScenario(findScenario(scenario), { check: checkScenario });
  const { records, observations } = await readRecording(file, {
    format,
    map: map.length === 0 ? undefined : readFieldMap(map),
    logFormat,
    hosts: host,
    marker: marker === undefined ? undefined : readMarkerPlace(marker),
    asked,
  });
  const folder = resolve(out ?? join('reports', file === '-' ? 'recording' : parse(file).name));
  ensureWritable(folder);
  const journal = join(folder, 'journal.jsonl');
  writeJournal(journal, records);
  const run = readRun(records);
  const { analysis, exitCode } = await conclude(run, { folder, journal, ...flags });
  if (flags.learnLimits) tellLimits(observations, folder, flags.json);
  const { header, endUs } = run;
  const seeds = [{ seed: header.seed, thresholds: analysis.thresholds }];
  await ci.tell({ header, endUs, verdicts: analysis.verdicts, seeds });
  return exitCode;
}

/** Writes what was learnt into the report folder, and shows it; beside JSON, on stderr. */
function tellLimits(observations: readonly Observation[], folder: string, json: boolean): void {
  const block = renderLearntLimits(learnLimits(observations));
  const [file] = writeFiles(folder, [['limits.yaml', block]]);
  const shown = block.replace(/^(?=.)/gm, '  ');
  (json ? process.stderr : process.stdout).write(`  LIMITS, as ${relative('.', file!)} has them\n\n${shown}\n`);
}
