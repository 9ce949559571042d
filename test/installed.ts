/** Set-up of vitest: the tests start the command as users have it, from the build, which takes half as long to start. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vitest/config';
import { bundle } from '../scripts/bundle.ts';
import { buildPages } from '../scripts/pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = join(root, '.tmp/installed');
const OLD_MS = 24 * 3_600_000;

/** What the pages of the report are made of. */
const PAGE_SOURCES = ['src/page', 'src/report', 'scripts/pages.ts', 'package.json'];
const SOURCES = ['src', 'mock-server', 'bin', 'scripts/bundle.ts', 'test/installed.ts', ...PAGE_SOURCES];

/** Builds the sources as they are now, unless that has been done, and sets the variable that `quotalab.ts` reads. */
export default async function install(): Promise<void> {
  removeOld();
  const pages = await buildOnce(`pages-${fingerprint(PAGE_SOURCES)}`, (folder) => buildPages(root, folder));
  const installed = await buildOnce(fingerprint(SOURCES), async (folder) => {
    await bundle(root, join(folder, 'dist'), ['src/cli/execute.ts']);
    symlinkSync(pages, join(folder, 'dist/page'));
    mkdirSync(join(folder, 'bin'));
    for (const file of ['package.json', 'bin/quotalab.mjs']) copyFileSync(join(root, file), join(folder, file));
    for (const name of ['scenarios', 'schema', 'docs']) symlinkSync(join(root, name), join(folder, name));
  });
  process.env.QUOTALAB_TEST_BIN = join(installed, 'bin/quotalab.mjs');
}

/** Returns the folder of this name under `.tmp/installed`, which `build` fills unless it is there. */
export async function buildOnce(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(place, name);
  if (existsSync(folder)) return folder;
  // Another test run may build the same at this moment.
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  await build(unfinished);
  try {
    renameSync(unfinished, folder);
  } catch {
    rmSync(unfinished, { recursive: true });
  }
  return folder;
}

/** Changes with the names, sizes and times of these files and of those in these folders. */
export function fingerprint(names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) {
    for (const path of [name, ...(statSync(join(root, name)).isDirectory() ? filesIn(name) : [])]) {
      const { size, mtimeMs } = statSync(join(root, path));
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.sort().map((name) => join(folder, name));
}

/** Keeps what a test run that has not ended may still use. */
function removeOld(): void {
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    const path = join(place, name);
    if (Date.now() - statSync(path).mtimeMs > OLD_MS) rmSync(path, { recursive: true });
  }
}

const THREAD = /new URL\(`\$\{file\.href\}\$\{extname\(import\.meta\.url\)\}`\)/;

/** Lets runs of the sources start the threads of the build: those of the sources take three times as long to start. */
export function builtThreads(): Plugin {
  return {
    name: 'built-threads',
    transform(code, id) {
      if (!id.endsWith('/src/client/worker-thread.ts')) return undefined;
      if (!THREAD.test(code)) throw new Error(`${id} no longer starts its threads by ${THREAD.source}`);
      const sources = pathToFileURL(root).href.replace(/\/$/, '');
      // Read when a thread starts: vitest keeps the transformed code for later runs, which have builds of their own.
      const built = `new URL('../dist', 'file://' + process.env.QUOTALAB_TEST_BIN).href`;
      return code.replace(THREAD, `new URL(file.href.replace('${sources}', ${built}) + '.js')`);
    },
  };
}
