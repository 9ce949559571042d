/** Builds `dist/` from scratch, so that the package has no stale files; `npm run build`. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
// Editors show the comments of declarations; those of the code would be a tenth of the package.
for (const flags of [['--emitDeclarationOnly'], ['--declaration', 'false', '--removeComments']]) {
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', ...flags], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
await bundleThread('src/run/virtual-worker.js');

/**
 * Replaces the file of a thread that each run starts by a bundle of what it imports from here: finding and linking 160 modules
 * takes longer than most of the runs of `quotalab check`. It is minified, since each of them reads all of it.
 */
async function bundleThread(file: string): Promise<void> {
  await build({
    cwd: root,
    input: `dist/${file}`,
    platform: 'node',
    external: /^[^./]/,
    logLevel: 'warn',
    output: {
      file: `dist/${file}`,
      codeSplitting: false,
      minify: true,
      // Classes of errors keep the names that reports show.
      keepNames: true,
    },
  });
  if (readFileSync(`${root}dist/${file}`, 'utf8').includes('import.meta.url')) {
    throw new Error(`${file} looks for files beside its modules, which are elsewhere once they are bundled`);
  }
}
