import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds each page of `src/page`, a folder with an `index.html`, into one HTML file in `target`: everything inline, and a policy
 * that lets no other script run and no connection leave.
 */
export async function buildPages(root: string, target: string): Promise<void> {
  const source = join(root, 'src/page');
  const work = join(target, `.work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    for (const name of readdirSync(source)) {
      if (!existsSync(join(source, name, 'index.html'))) continue;
      await buildPage(join(source, name), join(work, name));
      const html = readFileSync(join(work, name, 'index.html'), 'utf8');
      writeFileSync(join(target, `${name}.html`), allowOwnScript(html));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function buildPage(folder: string, outDir: string): Promise<void> {
  // Loaded here: an installation without development packages has no vite.
  const { build } = await import('vite');
  const { viteSingleFile } = await import('vite-plugin-singlefile');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    plugins: [viteSingleFile()],
    // Plug-ins must use the copy of Chart.js that draws.
    resolve: { dedupe: ['chart.js'] },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false } },
  });
}

/** Allows the page's own script by its hash, so that no other one runs: the page shows texts from replies and clients. */
function allowOwnScript(html: string): string {
  const scripts = [...html.matchAll(/<script type="module"[^>]*>([\s\S]*?)<\/script>/g)];
  if (scripts.length !== 1) throw new Error(`the page has ${scripts.length} scripts, not one`);
  const hash = createHash('sha256').update(scripts[0]![1]!).digest('base64');
  return html.replace("script-src 'unsafe-inline'", () => `script-src 'sha256-${hash}'`);
}
