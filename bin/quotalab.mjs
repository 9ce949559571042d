#!/usr/bin/env node
// Plain JavaScript that old Node versions can parse: finds a recent Node version and starts the tool with it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Variable with the descriptor of a pipe to the process that has started this one with a recent Node version. */
const WRAPPER = 'QUOTALAB_WRAPPER_PIPE';
/** A process that does not end by itself in this time after its wrapper has died is killed. */
const END_TIMEOUT_MS = 15_000;

const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 19);

if (newEnough) {
  endWithWrapper(process.env[WRAPPER]);
  // In place of Node's own lines: what is experimental in Node is no news of a run.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name === 'ExperimentalWarning') return;
    // In a terminal, over the progress line.
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    process.stderr.write(name === 'QuotaLabWarning' ? `quotalab: ${message}\n` : `(node) ${name}: ${message}\n`);
  });
  // Compiling imports takes most of the time of a short command.
  module.enableCompileCache?.();
  // A checkout runs the TypeScript sources; the package has only the build.
  const sources = new URL('../src/cli/main.ts', import.meta.url);
  const built = new URL('../dist/src/cli/main.js', import.meta.url);
  await import((existsSync(sources) ? sources : built).href);
} else {
  const node = localNode() ?? downloadedNode();
  if (node === undefined) process.exitCode = 1;
  else runWith(node);
}

/** Runs the tool with another Node version, passes signals on to it, and ends as it does. */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [WRAPPER]: '3' },
  });
  // A terminal sends Ctrl-C to both processes; the child takes the two as one.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => reportMissingNode(error.message));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

/** Ends this process after its wrapper, even after SIGKILL: the system then closes the wrapper's end of the pipe. */
function endWithWrapper(descriptor) {
  // What this process starts has another parent.
  delete process.env[WRAPPER];
  if (descriptor === undefined) return;
  const pipe = new Socket({ fd: Number(descriptor) });
  pipe.on('error', () => undefined);
  pipe.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_TIMEOUT_MS).unref();
  });
  pipe.resume().unref();
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

/** Returns the executable of the npm package `node` that npx downloads; reports why there is none. */
function downloadedNode() {
  process.stderr.write(`quotalab: Node ${process.versions.node} is too old; running under node@24 from npm\n`);
  // Only its path: a process started through npx would neither get signals nor end with this one.
  const npx = ['npx', ['--yes', '--package=node@24', '--', 'node', '-p', 'process.execPath']];
  const { stdout, status, error } = spawnSync(...npx, { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  reportMissingNode(error ? error.message : `npx ended with exit code ${status}`);
  return undefined;
}

function reportMissingNode(reason) {
  process.stderr.write(`quotalab: Node 22.19 or newer is required; starting it failed: ${reason}\n`);
  process.exitCode = 1;
}
