import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { readRun } from '../analysis/run/run-view.ts';
import { writeJournal } from '../journal/journal-writer.ts';
import { commandText } from '../programs/command-text.ts';
import { executableFault } from '../programs/find-executable.ts';
import { ensureWritable } from '../report/write-report.ts';
import { type ExecOutcome, runExec } from '../run/exec.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { observedScenario } from '../scenario/observed-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { addCiOptions, type CiFlags, type CiOutputs, ciOutputs } from './ci-outputs.ts';
import { conclude } from './conclude.ts';
import { execIntroduction, leftText } from './exec-words.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { version } from './package-root.ts';
import { addProviderOptions, type ProviderFlags, providerSettings } from './provider-flags.ts';
import { tellError } from './tell-error.ts';

/**
 * What is metered where nobody says: it refuses when calls come fast, and tells waits of one to three seconds. A bucket that
 * refills all the time would tell one second always, which is the pause of many a client that reads no Retry-After.
 */
const DEFAULT_LIMIT = 'requests 10/3s algorithm fixed-window per organization';

/** Longer names do not fit into a line of a report. */
const LONGEST_NAME = 60;

interface ExecFlags extends ProviderFlags, CiFlags {
  readonly unlimited?: boolean;
  readonly out?: string;
  readonly charts: boolean;
  readonly quiet: boolean;
  readonly strict: boolean;
  readonly allowNoRequests: boolean;
}

export function addExecCommand(program: Command): void {
  const command = program
    .command('exec')
    .summary('run any command against a fresh provider and judge what it did')
    .description(
      'Runs a command with the environment of every SDK pointed at a fresh provider (OPENAI_BASE_URL, ANTHROPIC_BASE_URL, ' +
        'GOOGLE_GEMINI_BASE_URL and their keys), then prints verdicts on what it did.',
    )
    .usage('[options] -- <command...>')
    .argument('<command...>', 'the command and its arguments; no shell reads them')
    .passThroughOptions();
  addProviderOptions(command, 'provider, verdicts and thresholds')
    .addOption(new Option('--unlimited', `no limit at all (default: ${DEFAULT_LIMIT})`).conflicts('limit'))
    .option('-o, --out <folder>', 'where reports go', join('reports', 'exec'))
    .option('--json', 'print the summary as JSON; what the command prints on stdout then goes to stderr', false)
    .option('--no-charts', 'draw nothing')
    .option('-q, --quiet', 'do not tell on stderr where the provider is', false)
    .option('--strict', 'a verdict without enough evidence fails too', false)
    .option('--allow-no-requests', 'a command that makes no request does not fail', false);
  addCiOptions(command)
    .addHelpText('after', HELP)
    .action(async (words: string[], flags: ExecFlags) => {
      const ci = ciOutputs(flags, leniencyOf(flags));
      try {
        process.exitCode = await exec(words, flags, ci);
      } catch (error) {
        await ci.tellFault(commandText(words), error);
        throw error;
      }
    });
}

const HELP = `
Examples:
  quotalab exec -- pytest tests/
  quotalab exec --limit 'requests 5/s burst 5' -- npx vitest run
  quotalab exec --fault '{ kind: reset, rate: 5% }' -- python3 client.py

Exit codes: the command's own (128 + n if signal n killed it); if that is 0, 99 where a verdict or threshold failed or no
request came. 2 bad input, such as a command that is not there.`;

async function exec(command: readonly string[], flags: ExecFlags, ci: CiOutputs): Promise<number> {
  ensureRunnable(command);
  const scenario = await scenarioOf(command, flags);
  const folder = resolve(flags.out ?? '');
  ensureWritable(folder);
  const outcome = await runExec(scenario, {
    tool: `quotalab ${version()}`,
    command,
    env: process.env,
    stdout: flags.json ? 'stderr' : 'inherit',
    onListening: (urls) => {
      if (!flags.quiet) process.stderr.write(execIntroduction(urls, scenario.provider));
    },
  });
  if (outcome.end.left.length > 0) process.stderr.write(leftText(outcome.end.left));
  return judge(outcome, folder, flags, ci);
}

/** Writes the reports; the command's own failure outranks what the verdicts say. */
async function judge({ records, end }: ExecOutcome, folder: string, flags: ExecFlags, ci: CiOutputs): Promise<number> {
  const journal = join(folder, 'journal.jsonl');
  writeJournal(journal, records);
  const run = readRun(records);
  const charts = flags.charts && run.attempts.length > 0;
  const { analysis, exitCode } = await conclude(run, { folder, journal, ...flags, ...leniencyOf(flags), charts });
  const isSilent = run.attempts.length === 0 && !flags.allowNoRequests;
  const fault = end.interrupted ? INTERRUPTED : isSilent ? NO_REQUESTS : undefined;
  const { header, endUs } = run;
  const seeds = [{ seed: header.seed, thresholds: analysis.thresholds }];
  await ci.tell({ header, endUs, verdicts: analysis.verdicts, seeds, ...(fault && { fault }) });
  if (end.exitCode !== 0) return end.exitCode;
  if (isSilent) tellError(NO_REQUESTS);
  return isSilent ? EXIT.failed : exitCode;
}

/** A suite of tests makes as few requests as it makes: that some verdicts have too little to go by is not its fault. */
const leniencyOf = ({ strict }: ExecFlags) => ({ allowInconclusive: !strict });

const INTERRUPTED = new QuotaLabError('exec/interrupted', 'the command was interrupted before it had ended');
const NO_REQUESTS = new QuotaLabError('exec/no-requests', 'no request reached the mock, so nothing was tested');

/** Throws `exec/no-command` before anything is started. */
function ensureRunnable([program]: readonly string[]): void {
  const fault = executableFault(program!, '.');
  if (fault === undefined) return;
  const problems = [{ path: 'command', message: `${program}: ${fault}`, ...commandHint(program!) }];
  throw new QuotaLabError('exec/no-command', 'the command cannot be started', { problems });
}

function commandHint(program: string): { readonly hint?: string } {
  if (/\s/.test(program)) return { hint: `give the words one by one, as in: -- ${program}` };
  return program.includes('/') ? {} : { hint: "an alias or a shell's own command needs the shell: sh -c '…'" };
}

async function scenarioOf(command: readonly string[], flags: ExecFlags): Promise<Scenario> {
  const { scenario } = flags;
  const asked =
    scenario === undefined ? undefined : await loadScenario(findScenario(scenario), { check: checkScenario });
  const settings = await providerSettings(flags);
  const client = commandText(command);
  return observedScenario({
    name: client.length > LONGEST_NAME ? `${client.slice(0, LONGEST_NAME - 1)}…` : client,
    client,
    startUs: 0,
    provider: { ...settings, limits: limitsOf(settings.limits, flags) },
    call: { model: '', stream: false },
    asked,
  });
}

function limitsOf(limits: Scenario['provider']['limits'], { unlimited, scenario, set }: ExecFlags) {
  if (unlimited === true) return [];
  const isSaid = limits.length > 0 || scenario !== undefined || 'limits' in set;
  return isSaid ? limits : parseLimitLine(DEFAULT_LIMIT);
}
