#!/usr/bin/env node
// Plain JavaScript that any Node can read: finds a Node that is new enough, and starts the tool with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 19);

if (newEnough) {
  // Most of a short command's time is compiling what is imported.
  module.enableCompileCache?.();
  // A checkout has the sources, which run as they are; the package has what was built from them.
  const sources = new URL('../src/cli/main.ts', import.meta.url);
  const built = new URL('../dist/src/cli/main.js', import.meta.url);
  await import((existsSync(sources) ? sources : built).href);
} else {
  const self = fileURLToPath(import.meta.url);
  const local = localNode();
  const [command, args] = local ? [local, []] : ['npx', ['--yes', '--package=node@24', '--', 'node']];
  if (!local)
    process.stderr.write(`quotalab: Node ${process.versions.node} is too old; running under node@24 from npm\n`);
  const child = spawn(command, [...args, self, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the child decides how it ends.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`quotalab: needs Node 22.19 or newer, and could not start one: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

/** The npm package `node`, where it is installed beside this one. */
function localNode() {
  try {
    const file = createRequire(import.meta.url).resolve('node/bin/node');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
