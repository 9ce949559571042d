import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { writeWhole } from '../files/write-files.ts';
import { detectProject, type Project, STARTERS, type Starter } from '../init/detect-project.ts';
import {
  CI_SYSTEMS,
  type CiSystem,
  DEFAULT_LIMIT,
  limitInWords,
  rateAbove,
  type StarterFile,
  starterFiles,
  type Wishes,
} from '../init/starter-files.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { EXIT } from './exit-code.ts';
import { addHelpFooter } from './help.ts';
import type { InitFlags } from './init-flags.ts';

export function addInitCommand(program: Command): void {
  const command = program
    .command('init')
    .summary('write a scenario, a client and a CI step that run at once')
    .description(
      'Writes quotalab.yaml, a client that makes a call with the SDK of your package.json, and a CI step. On a terminal it ' +
        'asks for what the flags leave open.',
    )
    .addOption(
      new Option('--sdk <name>', 'what the client calls with (default: found in package.json)').choices(STARTERS),
    )
    .option('--client <module>', 'use this client of yours, ./client.ts or ./assistant.ts#answer, and write none')
    .option('--limit <limit>', `the limit of your account, e.g. 500/min (default: ${DEFAULT_LIMIT})`)
    .option('--rate <rate>', 'calls that arrive, e.g. 10/s (default: more than the limit admits)', parseRate)
    .addOption(
      new Option('--ci <name>', 'the CI system to write a step for (default: the one in use)').choices(CI_SYSTEMS),
    )
    .option('-y, --yes', 'ask nothing', false)
    .option('--force', 'replace files that are there', false)
    .option('--json', 'print what was written and what to run next as JSON', false);
  addHelpFooter(command, { example: 'quotalab init --sdk openai --limit 500/min --ci github' }).action(init);
}

async function init(flags: InitFlags): Promise<void> {
  const project = projectHere(flags.sdk);
  const isAsking = !flags.yes && !flags.json && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const defaults = { ci: ciHere() };
  const answers = isAsking ? await (await import('./ask-init.ts')).askInit(project, flags, defaults) : flags;
  if (answers === undefined) {
    process.exitCode = EXIT.interrupted;
    return;
  }
  const chosen = { ...project, ...(answers.sdk && { starter: answers.sdk }) };
  const wishes = wishesOf(answers, defaults);
  parseLimitLine(wishes.limit);
  const { files, packages } = starterFiles(chosen, wishes);
  if (!flags.force) ensureNew(files);
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, text);
  }
  const written = files.map(({ path }) => path);
  const next = nextCommands(chosen, packages, wishes, files);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ written, next }, null, 2)}\n`
      : `${written.map((path) => `wrote ${path}\n`).join('')}\nnext:\n${next.map((line) => `  ${line}\n`).join('')}`,
  );
}

function wishesOf(
  { limit, rate, ci, client }: Omit<InitFlags, 'yes' | 'force' | 'json'>,
  defaults: { readonly ci: CiSystem },
): Wishes {
  const words = limitInWords(limit ?? DEFAULT_LIMIT);
  return { limit: words, rate: rate ?? rateAbove(words), ci: ci ?? defaults.ci, client };
}

/** The project in the working folder. */
function projectHere(sdk: Starter | undefined): Project {
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  const project = detectProject({
    packageJson: read('package.json'),
    pythonFiles: [read('requirements.txt'), read('pyproject.toml')].filter((text) => text !== undefined),
    hasTsconfig: existsSync('tsconfig.json'),
    lockFile: existsSync('pnpm-lock.yaml')
      ? 'pnpm'
      : existsSync('yarn.lock')
        ? 'yarn'
        : existsSync('package-lock.json')
          ? 'npm'
          : undefined,
  });
  return sdk === undefined ? project : { ...project, starter: sdk };
}

/** The CI system that the working folder is set up for. */
function ciHere(): CiSystem {
  if (existsSync('.gitlab-ci.yml')) return 'gitlab';
  return existsSync('.github') ? 'github' : 'none';
}

/** Throws `init/exists` with every file that is there. */
function ensureNew(files: readonly StarterFile[]): void {
  const problems = files
    .filter(({ path }) => existsSync(path))
    .map(({ path }): Problem => ({ path, message: 'is there already', hint: '--force replaces it' }));
  if (problems.length > 0) throw new QuotaLabError('init/exists', 'nothing was written', { problems });
}

function nextCommands(
  { starter, hasQuotalab, install }: Project,
  packages: readonly string[],
  { client, ci }: Wishes,
  files: readonly StarterFile[],
): string[] {
  const missing = packages.filter((name) => !existsSync(`node_modules/${name}`));
  const module = client ?? files.find(({ path }) => /^quotalab[-_]client/.test(path))!.path;
  const checked =
    starter === 'python' && client === undefined ? `-- python3 ${module}` : module.replace(/^(?!\.)/, './');
  return [
    ...(missing.length > 0 ? [`npm install ${missing.join(' ')}`] : []),
    ...(hasQuotalab || install === undefined || ci === 'none' ? [] : ['npm install --save-dev quotalab']),
    `npx quotalab check ${checked}`,
    'npx quotalab run',
  ];
}

function parseRate(text: string): string {
  if (/^\d+(?:\.\d+)?(?:\/(?:s|min|m|h))?$/.test(text)) return text;
  throw new InvalidArgumentError('must be a rate such as 5/s or 500/min');
}
