#!/usr/bin/env node
// Plain JavaScript that old Node versions can parse: finds a recent Node version and starts the tool with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 19);

if (newEnough) {
  // Compiling imports takes most of the time of a short command.
  module.enableCompileCache?.();
  // A checkout runs the TypeScript sources; the package has only the build.
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
  // The terminal sends Ctrl-C to both processes; the child decides how to exit.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`quotalab: Node 22.19 or newer is required; starting it failed: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

/** Returns the executable of the npm package `node` if installed alongside this package. */
function localNode() {
  try {
    const file = createRequire(import.meta.url).resolve('node/bin/node');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
