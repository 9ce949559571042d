/**
 * Keeps files of bundled dependencies out of the package; `npm pack` runs it before and after. chartjs-node-canvas is
 * bundled so that the override of its `canvas` dependency also applies to users. npm would then bundle this machine's
 * binary too: 14 MB for one platform, while users get theirs through our dependency on @napi-rs/canvas. Source maps,
 * sources and examples of bundled packages are not needed either.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const excluded = join(modules, '.quotalab-excluded');
const BINARY = /^canvas-/;
const UNUSED = /\.map$|\.html$|^src$|(^|\/)example\w*\.(js|d\.ts)$/i;

if (process.argv[2] === 'restore') restore();
else for (const path of findExcluded()) move(join(modules, path), join(excluded, path));

function findExcluded(): string[] {
  const list = (folder: string, recursive: boolean, pattern: RegExp): string[] =>
    readdirSync(join(modules, folder), { recursive, encoding: 'utf8' })
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  return [
    ...list('@napi-rs', false, BINARY),
    ...list('chartjs-node-canvas', true, UNUSED),
    ...list('tslib', true, UNUSED),
  ].filter((path, _, all) => !all.some((other) => path.startsWith(`${other}/`)));
}

function restore(): void {
  if (!existsSync(excluded)) return;
  const entries = readdirSync(excluded, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name).slice(excluded.length + 1);
    move(join(excluded, path), join(modules, path));
  }
  rmSync(excluded, { recursive: true });
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}
