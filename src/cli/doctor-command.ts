import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findFaketime } from '../client/find-faketime.ts';
import { version } from '../experiment/package-root.ts';
import { findExecutable } from '../programs/find-executable.ts';
import { addHelpFooter } from './help.ts';

/** Something that is not part of the package, and what it is for. */
interface Part {
  readonly name: string;
  readonly enables: string;
  /** How to get it. */
  readonly install: string;
  isThere(): boolean;
}

const program = (name: string, enables: string, install: string): Part => ({
  name,
  enables,
  install,
  isThere: () => findExecutable(name, '.') !== undefined,
});

const npmPackage = (name: string, enables: string): Part => ({
  name,
  enables,
  install: `npm install --save-dev ${name}`,
  isThere: () => isInstalled(name),
});

const PARTS: readonly Part[] = [
  program('python3', 'clients and programs in Python', 'apt install python3'),
  {
    name: 'faketime',
    enables: 'scaled time: programs of any language run many times as fast',
    install: 'apt install faketime',
    isThere: () => hasFaketime(),
  },
  program('nginx', 'gateway: nginx, in front of the provider', 'apt install nginx'),
  program('envoy', 'gateway: Envoy, in front of the provider', 'apt install envoy, from apt.envoyproxy.io'),
  program('litellm', 'gateway: LiteLLM, in front of the provider', "pip install 'litellm[proxy]'"),
  program('locust', 'running what export locust writes', 'pip install locust'),
  npmPackage('openai', 'clients of the openai SDK, such as the bundled article'),
  npmPackage('gpt-tokenizer', 'exact token counts instead of estimates'),
  npmPackage('msw', 'quotalab/msw: handlers for the set-up of your tests'),
  npmPackage('vitest', 'quotalab/vitest: matchers for your tests'),
];

export function addDoctorCommand(parent: Command): void {
  const command = parent
    .command('doctor')
    .summary('show which optional parts are installed, and what each is for')
    .description('Lists the optional programs and packages: which are there, what each enables, and how to get it.')
    .option('--json', 'print the list as JSON', false);
  addHelpFooter(command, { example: 'quotalab doctor' }).action(({ json }: { json: boolean }) => {
    const found = PARTS.map((part) => ({ ...part, there: part.isThere() }));
    process.stdout.write(json ? toJson(found) : toText(found));
  });
}

type Found = Part & { readonly there: boolean };

function toJson(found: readonly Found[]): string {
  const parts = found.map(({ name, there, enables, install }) => ({ name, there, enables, install }));
  return `${JSON.stringify({ quotalab: version(), node: process.versions.node, parts }, null, 2)}\n`;
}

function toText(found: readonly Found[]): string {
  const width = Math.max(...found.map(({ name }) => name.length));
  const lines = found.flatMap(({ name, there, enables, install }) => [
    `${there ? '✓' : '–'} ${name.padEnd(width)}  ${enables}`,
    ...(there ? [] : [`  ${' '.repeat(width)}  ${install}`]),
  ]);
  return `quotalab ${version()}, Node ${process.versions.node}; everything below is optional\n\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Whether a package can be imported from the working folder. */
function isInstalled(name: string): boolean {
  const { paths } = createRequire(join(process.cwd(), 'package.json')).resolve;
  return (paths(name) ?? []).some((folder) => existsSync(join(folder, name, 'package.json')));
}

function hasFaketime(): boolean {
  try {
    findFaketime();
    return true;
  } catch {
    return false;
  }
}
