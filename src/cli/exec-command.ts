import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import { readRun } from '../analysis/run/read-run.ts';
import { loadCheckedScenario } from '../experiment/load-checked-scenario.ts';
import { toolName } from '../experiment/package-root.ts';
import { isWriteError } from '../files/write-error.ts';
import { ensureWritable, removeFile } from '../files/write-files.ts';
import { compressJournal, type JournalPlace, journalAt, journalIn, removeEarlier } from '../journal/journal-place.ts';
import { createJournalWriter, writeJournal } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';
import { formatCommand } from '../programs/command-text.ts';
import { findExecutableProblem } from '../programs/find-executable.ts';
import { type ExecOutcome, runExec } from '../run/exec.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { observedScenario } from '../scenario/observed-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { addCiOptions, type CiFlags, type CiOutputs, judgedRun } from './ci-outputs.ts';
import { formatExecIntroduction, formatStragglers } from './exec-messages.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { JOURNAL_OPTION } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { openLivePage, UI_FLAG, withLivePage } from './live-page.ts';
import { printError } from './print-error.ts';
import { addProviderOptions, type ProviderFlags, readProviderSettings } from './provider-flags.ts';
import { reportRun } from './report-run.ts';
import { sendTelemetry } from './send-telemetry.ts';

/**
 * Used without `--limit`: it refuses bursts and requests waits of 1 to 3 s. A bucket with continuous refill would always
 * request 1 s, which is also the fixed pause of many clients that ignore Retry-After.
 */
const DEFAULT_LIMIT = 'requests 10/3s algorithm fixed-window per organization';

/** Longer names do not fit on a report line. */
const MAX_NAME_LENGTH = 60;

interface ExecFlags extends ProviderFlags, CiFlags {
  readonly unlimited?: boolean;
  readonly out?: string;
  readonly journal?: string;
  readonly charts: boolean;
  readonly html: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
  readonly ui: boolean;
  readonly strict: boolean;
  readonly allowNoRequests: boolean;
}

export function addExecCommand(program: Command): void {
  const command = program
    .command('exec')
    .summary('run any command against a fresh provider and judge its requests')
    .description(
      'Runs a command with every SDK pointed at a fresh provider through its environment (OPENAI_BASE_URL, ' +
        'ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL and their keys), then prints verdicts on its requests.',
    )
    .usage('[options] -- <command...>')
    .argument('<command...>', 'the command and its arguments; run without a shell')
    .passThroughOptions();
  addProviderOptions(command, 'provider, verdicts and thresholds')
    .addOption(new Option('--unlimited', `do not limit requests (default limit: ${DEFAULT_LIMIT})`).conflicts('limit'))
    .option('-o, --out <folder>', 'folder for the reports', join('reports', 'exec'))
    .option('--journal <file>', JOURNAL_OPTION)
    .option('--json', "print the summary as JSON; the command's stdout then goes to stderr", false)
    .option('--full', 'print every verdict with its figures, also those that passed', false)
    .option('--no-charts', 'do not draw charts')
    .option('--no-html', 'do not write report.html')
    .option('-q, --quiet', 'do not print the provider and its limits on stderr', false)
    .option(...UI_FLAG)
    .option('--strict', 'also fail on a verdict of severity error that lacks evidence, if no scenario sets it', false)
    .option('--allow-no-requests', 'do not fail if the command makes no request', false);
  addCiOptions(command);
  addHelpFooter(command, {
    exitCodes: {
      0: 'the command exited with 0 and passed',
      2: 'invalid input, e.g. the command does not exist',
      99: 'the command exited with 0, but a verdict or threshold failed or it made no request',
      other: "the command's own exit code (128 + n if signal n ended it)",
    },
    example: "quotalab exec --limit 'requests 5/s burst 5' -- npx vitest run",
  }).action((command: string[], flags: ExecFlags) =>
    judgedAction({ ...flags, ...createLeniency(flags) }, formatCommand(command), (ci) => exec(command, flags, ci)),
  );
}

async function exec(command: readonly string[], flags: ExecFlags, ci: CiOutputs): Promise<number> {
  ensureRunnable(command);
  const scenario = await createScenario(command, flags);
  const folder = resolve(flags.out ?? '');
  ensureWritable(folder);
  if (flags.journal !== undefined) ensureWritable(dirname(resolve(flags.journal)));
  const place = flags.journal === undefined ? journalIn(folder) : journalAt(flags.journal);
  const live = flags.ui ? await openLivePage() : undefined;
  const outcome = await runExec(scenario, {
    tool: toolName(),
    command,
    env: process.env,
    stdout: flags.json ? 'stderr' : 'inherit',
    openJournal() {
      removeEarlier(place);
      return withLivePage(createJournalWriter(place.file), live);
    },
    onListening: (urls) => {
      if (!flags.quiet) process.stderr.write(formatExecIntroduction(urls, scenario.provider));
    },
  })
    .catch((error: unknown) => {
      removeFile(place.file);
      throw error;
    })
    .finally(() => live?.close());
  if (outcome.end.stragglers.length > 0) process.stderr.write(formatStragglers(outcome.end.stragglers));
  try {
    return await judge(outcome, { folder, place }, flags, ci);
  } catch (error) {
    if (outcome.end.exitCode === 0 || !isWriteError(error)) throw error;
    printError(error);
    return outcome.end.exitCode;
  }
}

/**
 * Writes the reports, and the journal again with calls. Returns the command's exit code, or if that is 0, the result of the
 * verdicts. Throws `journal/not-writable` and `report/not-writable` after it has printed the result.
 */
async function judge(
  { records, end }: ExecOutcome,
  { folder, place }: { readonly folder: string; readonly place: JournalPlace },
  flags: ExecFlags,
  ci: CiOutputs,
): Promise<number> {
  const run = readRun(records);
  const charts = flags.charts && run.attempts.length > 0;
  const analysis = analyse(run);
  const journalError = tryWriteJournal(place.file, records);
  const journal = journalError ? place.file : await compressJournal(place);
  await sendTelemetry(run, flags);
  const needsRequests = !flags.allowNoRequests;
  const isSilent = run.attempts.length === 0 && needsRequests;
  const exitCode = await reportRun(
    run,
    analysis,
    { folder, journal, ...flags, ...createLeniency(flags), charts },
    { needsRequests, ...(isSilent && end.exitCode === 0 && { error: NO_REQUESTS }) },
  );
  if (journalError) throw journalError;
  const error = end.interrupted ? INTERRUPTED : isSilent ? NO_REQUESTS : undefined;
  await ci.writeRun({ ...judgedRun(run, analysis), ...(error && { error }) });
  if (end.exitCode !== 0) return end.exitCode;
  return isSilent ? EXIT.failed : exitCode;
}

/** Replaces the journal that was written during the run. If that is not possible, that one is left. */
function tryWriteJournal(file: string, records: readonly JournalRecord[]): unknown {
  try {
    writeJournal(file, records);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A test suite may make too few requests for verdicts that are `error` by default; that fails only with `--strict`. */
const createLeniency = ({ strict }: ExecFlags) => ({ allowInconclusive: false, strict });

const INTERRUPTED = new QuotaLabError('exec/interrupted', 'the command was interrupted before it ended');
const NO_REQUESTS = new QuotaLabError('exec/no-requests', 'no request reached the mock, so nothing was tested');

/** Throws `exec/no-command`. */
function ensureRunnable([program]: readonly string[]): void {
  const problem = findExecutableProblem(program!, '.');
  if (problem === undefined) return;
  const problems = [{ path: 'command', message: `${program}: ${problem}`, ...commandHint(program!) }];
  throw new QuotaLabError('exec/no-command', 'the command cannot be started', { problems });
}

function commandHint(program: string): { readonly hint?: string } {
  if (/\s/.test(program)) return { hint: `pass the command unquoted: -- ${program}` };
  return program.includes('/') ? {} : { hint: "run an alias or shell builtin with sh -c '…'" };
}

async function createScenario(command: readonly string[], flags: ExecFlags): Promise<Scenario> {
  const { scenario } = flags;
  const checks = scenario === undefined ? undefined : await loadCheckedScenario(findScenario(scenario));
  const settings = await readProviderSettings(flags);
  const client = formatCommand(command);
  return observedScenario({
    name: client.length > MAX_NAME_LENGTH ? `${client.slice(0, MAX_NAME_LENGTH - 1)}…` : client,
    client,
    startUs: 0,
    provider: { ...settings, limits: resolveLimits(settings.limits, flags) },
    call: { model: '', stream: false },
    checks,
  });
}

function resolveLimits(limits: Scenario['provider']['limits'], { unlimited, scenario, set }: ExecFlags) {
  if (unlimited === true) return [];
  const isSet = limits.length > 0 || scenario !== undefined || set.some(({ path }) => /^limits\b/.test(path));
  return isSet ? limits : parseLimitLine(DEFAULT_LIMIT);
}
