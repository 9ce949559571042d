import { relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DIALECT_NAMES, type DialectName } from '../../mock-server/dialects/dialects.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { BATTERY } from '../check/battery.ts';
import type { BaselineComparison } from '../check/check-baseline.ts';
import type { CheckTable } from '../check/check-table.ts';
import type { RowResult } from '../check/judge-row.ts';
import { type CheckOptions, check } from '../experiment/check.ts';
import type { CheckSource } from '../experiment/check-client.ts';
import { toolName } from '../experiment/package-root.ts';
import { ensureWritable } from '../files/write-files.ts';
import { checkPage } from '../report/page/check-page.ts';
import { checkResult, checkSummary } from '../report/terminal/check-lines.ts';
import { writePage } from '../report/write-page.ts';
import { attendRuns } from './attend-runs.ts';
import { applyCheckBaseline, type CheckBaselineFlags } from './check-baseline.ts';
import { addCiOptions, type CiFlags, type CiOutputs } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { scenarioHere } from './find-scenario.ts';
import { collect, parseWholeNumber } from './flags.ts';
import { readGateway } from './gateway-file.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { printResult } from './print-result.ts';
import { createProgressLine, type ProgressLine } from './progress.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

interface CheckFlags extends CheckBaselineFlags, CiFlags {
  readonly dialect?: DialectName;
  readonly only?: readonly string[];
  readonly args?: readonly unknown[];
  readonly worker: boolean;
  readonly gateway?: string;
  readonly keep?: string | true;
  readonly html: boolean;
  readonly seed: number;
  readonly allowHost: string[];
  readonly full: boolean;
  readonly quiet: boolean;
}

const DEFAULT_KEEP = 'reports/check';

export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .summary('put a client into every situation there is, and show what it does in each')
    .description(
      `Puts a client into ${BATTERY.length} situations (told to wait, refused, spent quota, outages, broken streams, many ` +
        'callers), each in a small scenario of its own, and shows one table: what it did, and what to change.',
    )
    .usage('[options] <client> | -- <command...>')
    .argument(
      '[client...]',
      'a module, an exported function (./assistant.ts#answer), a scenario whose client is used, or a program after --',
    )
    .addOption(new Option('-d, --dialect <name>', 'the API that it speaks (default: found out)').choices(DIALECT_NAMES))
    .option('--only <rows>', 'run only these rows, e.g. retry-after-date,hang', parseNames)
    .option('--args <json>', `arguments of an exported function, e.g. '[{"question":"$prompt"}]'`, parseArguments)
    .option('--worker', 'the program reads one call a line, and stays (default: one process a call)', false)
    .option('--gateway <file>', 'put this gateway in front of the provider: the gateway block of a scenario, as YAML')
    .option('--keep [folder]', `write the scenario and the journal of each row (default folder: ${DEFAULT_KEEP})`)
    .option('--seed <number>', 'seed of all random numbers', parseWholeNumber, 1)
    .option('--allow-host <name>', 'allow the client to reach this host; repeatable', collect, [])
    .option('--baseline [file]', 'compare with this table, or write it; only rows that got worse then fail')
    .option('--update-baseline', 'write the table instead of comparing with it', false)
    .option('--full', 'show rows that passed, and all evidence', false)
    .option('--no-html', `do not write report.html (into ${DEFAULT_KEEP}, or the folder of --keep)`)
    .option('--json', 'print the table as JSON', false)
    .option('-q, --quiet', 'do not print rows on stderr as they end', false);
  addCiOptions(command);
  addHelpFooter(command, {
    exitCodes: {
      0: 'no row failed; warnings do not fail',
      2: 'invalid input, or a client that does not even get an answer to a plain call',
      99: 'a row failed, or with --baseline: a row got worse',
      130: 'interrupted',
    },
    details: [`Rows: ${BATTERY.map(({ id }) => id).join(', ')}`],
    example: 'quotalab check ./src/assistant.ts#answerQuestion --only retry-after-date --keep',
  }).action((words: string[], flags: CheckFlags) =>
    judgedAction({ ...flags }, 'check', (ci) => runCheck(words, flags, ci)),
  );
}

function parseNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function parseArguments(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError(`must be a JSON list of arguments, e.g. '[{"question":"$prompt"}]'`);
}

async function runCheck(words: readonly string[], flags: CheckFlags, ci: CiOutputs): Promise<number> {
  const source = sourceOf(words);
  const keep = flags.keep === true ? DEFAULT_KEEP : flags.keep;
  const line = createProgressLine(flags.quiet);
  const onRow = createRowProgress(line, flags.only?.length ?? BATTERY.length);
  const table = await attendRuns(flags, (settings) =>
    check(source, { ...optionsOf(flags), ...settings, keep, onRow }),
  ).finally(line.clear);
  if (!table) return EXIT.interrupted;
  const { comparison, passed } = applyCheckBaseline(table, flags);
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...table, ...(comparison && { comparison }) }, null, 2)}\n`);
  else {
    process.stdout.write(checkSummary(table, { ...terminal(process.stdout), full: flags.full, comparison }));
    process.stdout.write(nextSteps(table, keep));
  }
  const page = await writeCheckPage(table, comparison, flags);
  printResult(checkResult(table, comparison), { ...flags, open: page && relative('.', page) });
  await ci.writeTable(table, comparison, typeof source === 'string' ? clientFile(source) : undefined);
  return passed ? EXIT.passed : EXIT.failed;
}

/** The page stands beside the rows that are kept. */
async function writeCheckPage(
  table: CheckTable,
  comparison: BaselineComparison | undefined,
  { keep, html }: CheckFlags,
): Promise<string | undefined> {
  if (!html) return undefined;
  const folder = resolve(typeof keep === 'string' ? keep : DEFAULT_KEEP);
  ensureWritable(folder);
  return writePage(folder, checkPage(table, { comparison, tool: toolName(), again: [typedCommand('The same again')] }));
}

/** Shows how many rows have ended, and how many of them failed. */
function createRowProgress(line: ProgressLine, total: number): (row: RowResult) => void {
  let [ended, failed] = [0, 0];
  return ({ id, verdict }) => {
    ended++;
    if (verdict === 'fail') failed++;
    line.show(`${ended} of ${total} rows`, ...(failed > 0 ? [`${failed} failed`] : []), `last ${id}`);
  };
}

function optionsOf({ dialect, only, args, worker, gateway, seed, allowHost }: CheckFlags): CheckOptions {
  return {
    seed,
    ...(dialect && { dialect }),
    ...(only && { only }),
    ...(args && { args }),
    ...(worker && { protocol: 'worker' as const }),
    ...(gateway !== undefined && { gateway: readGateway(gateway) }),
    allowHosts: allowHost,
  };
}

/** Words after `--` are a program; otherwise there is one client. Throws `check/bad-client`. */
function sourceOf(words: readonly string[]): CheckSource {
  if (process.argv.includes('--') && words.length > 0) return words;
  const [client = scenarioHere(), ...others] = words;
  if (client !== undefined && others.length === 0) return client;
  const message = client === undefined ? 'no client was named' : `${words.length} clients were named`;
  const hint = 'quotalab check ./client.ts, or quotalab check -- python3 client.py';
  throw new QuotaLabError('check/bad-client', message, { problems: [{ path: '', message: 'name one client', hint }] });
}

/** Splits `./assistant.ts#answer`. */
function clientFile(source: string): { readonly module: string; readonly exported?: string } {
  const [, file = source, exported] = /^(.+)#([^#]*)$/.exec(source) ?? [];
  return { module: resolve(file), ...(exported !== undefined && { exported }) };
}

/** How to look at the first row that did not pass. */
function nextSteps({ rows }: CheckTable, keep: string | undefined): string {
  const [first] = rows.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  if (keep !== undefined) {
    const shown = first?.id ?? rows[0]?.id ?? '';
    const scenario = relative('.', resolve(keep, shown, 'scenario.yaml'));
    return `  kept in ${keep}/; to run a row alone:\n  quotalab run ${scenario}\n\n`;
  }
  if (!first) return '';
  // The whole command may be wider than the terminal.
  const where = process.argv.includes('--') ? ' before --' : '';
  return `  to look at a row, add${where}: --only ${first.id} --keep\n\n`;
}
