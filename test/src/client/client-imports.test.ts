import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { QuotaLabError } from '../../../mock-server/error.ts';
import type { Client } from '../../../src/client/client.ts';
import { startModuleClient } from '../../../src/client/module-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';

let client: Client | undefined;
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

type Files = Readonly<Record<string, string>>;

/** Imports `file` of a folder with these files, and makes a call; returns its output, its error or why it cannot be imported. */
async function importClient(files: Files, file = 'client.ts', exported?: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-imports-'));
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { originUs } = wallClock();
  let printed = '';
  try {
    client = await startModuleClient({
      code: {
        kind: 'module',
        module: join(folder, file),
        ...(exported !== undefined && { exported, args: ['$call'] }),
      },
      env: {},
      clockOriginUs: originUs,
      guard: { allowHosts: [], proxyEnv: {} },
      print: (text) => {
        printed += text;
      },
    });
  } catch (error) {
    const [{ message, hint } = { message: String(error), hint: undefined }] = (error as QuotaLabError).problems;
    return { code: (error as QuotaLabError).code, message: message.replaceAll(folder, '~'), hint };
  }
  const { error } = await client.call({ id: 7, vu: 1, iteration: 0, model: 'x', prompt: 'hi', stream: false });
  return { said: error?.message, printed };
}

/** The client ran: its function said so by its error. */
const RAN = { said: 'ran 7', printed: '' };
const RUN = "async (call: { id: number }) => { throw new Error('ran ' + call.id); }";
const RUN_JS = "async (call) => { throw new Error('ran ' + call.id); }";

/** What `tsc` makes of a module, with or without Babel's and esbuild's ways of naming exports. */
const COMPILED = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ask = void 0;
exports.default = ${RUN_JS};
exports.ask = exports.default;`;
const ESBUILD = `var __export = (target, all) => { for (var name in all) Object.defineProperty(target, name, { get: all[name], enumerable: true }); };
var client = {};
__export(client, { default: () => run, ask: () => run });
module.exports = Object.defineProperty(client, '__esModule', { value: true });
const run = ${RUN_JS};`;

describe('a client is imported as the tools of TypeScript import it', () => {
  const CJS = { 'package.json': '{ "type": "commonjs" }' };
  it.each<[string, Files, string, string?]>([
    ['compiled to CommonJS', { ...CJS, 'client.js': COMPILED }, 'client.js'],
    ['… a named export', { ...CJS, 'client.js': COMPILED }, 'client.js', 'ask'],
    ['… by esbuild', { 'client.cjs': ESBUILD }, 'client.cjs'],
    ['… a named export', { 'client.cjs': ESBUILD }, 'client.cjs', 'ask'],
    ['CommonJS by hand', { 'client.cjs': `module.exports = ${RUN_JS};` }, 'client.cjs'],
    ['… with names', { 'client.cjs': `const all = { ask: ${RUN_JS} }; module.exports = all;` }, 'client.cjs', 'ask'],
    [
      'ES syntax where npm init has written "type": "commonjs"',
      {
        ...CJS,
        'client.ts': `import { run } from './run';\nexport default run;`,
        'run.ts': `import { join } from 'node:path';\nenum Verb { Ran = 'ran' }\nexport const run = async (call: { id: number }) => { throw new Error(join(Verb.Ran + ' ' + call.id)); };`,
      },
      'client.ts',
    ],
    [
      '… in JavaScript, beside CommonJS that has the same words in a text',
      {
        ...CJS,
        'client.js': `import run from './run.js';\nexport default run;`,
        'run.js': `const text = \`\nexport default 1;\`;\nmodule.exports = ${RUN_JS};`,
      },
      'client.js',
    ],
    [
      'an enum',
      {
        'client.ts': `enum Verb { Ran = 'ran' }\nexport default async (call: { id: number }) => { throw new Error(Verb.Ran + ' ' + call.id); };`,
      },
      'client.ts',
    ],
    [
      'parameter properties',
      {
        'client.ts': `class A { constructor(private readonly verb: string) {} say(id: number) { throw new Error(this.verb + ' ' + id); } }\nexport default async (call: { id: number }) => new A('ran').say(call.id);`,
      },
      'client.ts',
    ],
    [
      'a namespace in a file that is imported',
      {
        'client.ts': `import { Words } from './words.ts';\nexport default async (call: { id: number }) => { throw new Error(Words.RAN + ' ' + call.id); };`,
        'words.ts': `export namespace Words { export const RAN = 'ran'; }`,
      },
      'client.ts',
    ],
    [
      'an import without an ending',
      {
        'client.ts': `import { run } from './lib/run';\nexport default run;`,
        'lib/run.ts': `export const run = ${RUN};`,
      },
      'client.ts',
    ],
    [
      'an import with the ending of the compiled file',
      { 'client.ts': `export { run as default } from './run.js';`, 'run.ts': `export const run = ${RUN};` },
      'client.ts',
    ],
    [
      'an import of a folder',
      { 'client.ts': `export { run as default } from './lib';`, 'lib/index.ts': `export const run = ${RUN};` },
      'client.ts',
    ],
    [
      'a path of tsconfig.json',
      {
        'src/client.ts': `export { run as default } from '@/lib/run';`,
        'src/lib/run.ts': `export const run = ${RUN};`,
        'tsconfig.json': `{\n  // ours\n  "compilerOptions": { /* aliases */ "paths": { "@/*": ["./src/*"], }, },\n}`,
      },
      'src/client.ts',
    ],
    [
      'a path of the one that it extends',
      {
        'src/client.ts': `export { run as default } from 'lib/run.js';`,
        'src/lib/run.ts': `export const run = ${RUN};`,
        'base.json': '{ "compilerOptions": { "baseUrl": "src" } }',
        'tsconfig.json': '{ "extends": "./base" }',
      },
      'src/client.ts',
    ],
  ])('%s', async (_name, files, file, exported) => {
    expect(await importClient(files, file, exported)).toEqual(RAN);
  });
});

describe('what cannot be imported is described, with a hint and without a stack', () => {
  it.each<[string, Files, { message: RegExp; hint?: RegExp }, string?]>([
    [
      'a decorator',
      {
        'client.ts': 'const log = (target: unknown) => target;\n@log\nclass A {}\nexport default async () => new A();',
      },
      {
        message: /^SyntaxError: Invalid or unexpected token \(in ~\/client\.ts\)$/,
        hint: /^Node runs no decorators: compile it and name the JavaScript file/,
      },
    ],
    [
      'JSX',
      { 'client.tsx': 'export default async () => <p />;' },
      { message: /Unknown file extension "\.tsx"/, hint: /Node runs no \.tsx: compile it/ },
      'client.tsx',
    ],
    [
      'wrong TypeScript',
      { 'client.ts': 'export default async (: number) => {};' },
      { message: /client\.ts|Expected|Expression/i },
    ],
    [
      'a package that is not installed',
      { 'client.ts': `import '@acme/left-pad';` },
      { message: /Cannot find package '@acme\/left-pad'/, hint: /^npm install @acme\/left-pad$/ },
    ],
    [
      'an alias that nothing defines',
      { 'client.ts': `import '~/lib/run';` },
      {
        message: /Cannot find package '~'/,
        hint: /^no package is called ~: as an alias, put it into "paths" of a tsconfig\.json/,
      },
    ],
    [
      'a file that is not there',
      { 'client.ts': `import './lib/run.ts';` },
      { message: /Cannot find module '~\/lib\/run\.ts' imported from ~\/client\.ts/ },
    ],
    [
      'a type imported as a value',
      {
        'client.ts': `import { Call } from './call.ts';\nexport default async (call: Call) => call;`,
        'call.ts': 'export type Call = { id: number };',
      },
      { message: /does not provide an export named 'Call'/, hint: /import type/ },
    ],
    [
      'an error of its own',
      {
        'client.ts': `import './config.ts';`,
        'config.ts': 'const read = () => { throw new TypeError("no config"); };\nread();',
      },
      { message: /^TypeError: no config \(at file:\/\/~\/config\.ts:1:28\)$/ },
    ],
    ['something else that is thrown', { 'client.ts': 'throw "no config";' }, { message: /^no config$/ }],
  ])('%s', async (_name, files, { message, hint }, file = 'client.ts') => {
    const found = (await importClient(files, file)) as { code: string; message: string; hint?: string };
    expect(found.code).toBe('client/import-failed');
    expect(found.message).toMatch(message);
    if (hint) expect(found.hint).toMatch(hint);
    expect(found.message + found.hint).not.toMatch(/\n\s+at |node:internal/);
  });
});
