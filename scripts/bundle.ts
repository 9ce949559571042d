import { copyFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { build, type OutputOptions, type Plugin } from 'rolldown';
import { transformSync } from 'rolldown/utils';

/**
 * What `package.json` names, the command line, and what a run loads once: they share their chunks, so that a class of
 * errors is one class, and no code is there twice.
 */
const LIBRARY = [
  'src/cli/main.ts',
  'src/index.ts',
  'src/mock-server.ts',
  'src/testing/index.ts',
  'src/testing/vitest.ts',
  'mock-server/msw.ts',
  'src/client/autocannon-worker.ts',
  'src/client/builtin/undici.ts',
  'src/plan/model-worker.ts',
];

/** Files that start on their own, in threads, programs or as a client: each is one file, so that it starts fast. */
const STANDALONE = [
  'src/run/virtual-worker.ts',
  'src/client/module-worker.ts',
  'src/client/preload-guard.ts',
  'src/programs/reaper.ts',
];

/** Plain JavaScript already. */
const COPIED = 'src/client/preload-guard.cts';

/** Stands for `import.meta.url` of a source file until it is known which file its code is in. */
const PLACE = /"place-of:([^"]+)"/g;

/**
 * Writes the sources in `root` as JavaScript to `folder`: finding and linking 850 modules takes longer than most commands.
 * Packages stay imports. Everything that is found by its place is still found there: `import.meta.url` of a source file is the
 * address that its own JavaScript file would have. `more`: files of the library that are to be imported as well.
 */
export async function bundle(root: string, folder: string, more: readonly string[] = []): Promise<void> {
  const common = { cwd: root, platform: 'node', external: /^[^./]/, logLevel: 'warn' } as const;
  // Classes of errors keep the names that reports show.
  const output = { comments: false, keepNames: true } satisfies OutputOptions;
  const input = Object.fromEntries([...LIBRARY, ...more].map((file) => [stem(file), file]));
  const plugins = [keepPlaces(root)];
  const library: OutputOptions = {
    ...output,
    dir: folder,
    chunkFileNames: 'chunks/[name]-[hash].js',
    // A third smaller. Names stay, for stack traces.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  };
  await Promise.all([
    build({ ...common, input, plugins, output: library }),
    ...STANDALONE.map((file) =>
      build({
        ...common,
        input: { [stem(file)]: file },
        plugins,
        // Minified, since each thread reads all of it.
        output: { ...output, dir: folder, codeSplitting: false, minify: true },
      }),
    ),
  ]);
  copyFileSync(join(root, COPIED), join(folder, compiledName(COPIED)));
}

function stem(file: string): string {
  return file.slice(0, -extname(file).length);
}

function compiledName(file: string): string {
  return file.replace(/\.([cm]?)ts$/, '.$1js');
}

function keepPlaces(root: string): Plugin {
  return {
    name: 'keep-places',
    transform: {
      filter: { code: 'import.meta.url' },
      handler: (code, id) => {
        const place = JSON.stringify(`place-of:${compiledName(relative(root, id))}`);
        return { code: transformSync(id, code, { define: { 'import.meta.url': place } }).code, moduleType: 'js' };
      },
    },
    renderChunk: (code, { fileName }) =>
      code.replace(
        PLACE,
        (_, place: string) => `new URL("${relative(dirname(fileName), place)}", import.meta.url).href`,
      ),
  };
}
