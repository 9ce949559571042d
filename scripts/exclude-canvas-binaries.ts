/**
 * Keeps canvas binaries out of the package; `npm pack` runs it before and after. chartjs-node-canvas is bundled so
 * that the override of its `canvas` dependency also applies to users. npm would then bundle this machine's binary
 * too: 14 MB for one platform. Users get their binary through our dependency on @napi-rs/canvas.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scope = join(root, 'node_modules/@napi-rs');
const excluded = join(root, 'node_modules/.quotalab-excluded');

if (process.argv[2] === 'restore') moveAll(excluded, scope);
else {
  mkdirSync(excluded, { recursive: true });
  moveAll(scope, excluded);
}

function moveAll(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).filter((folder) => folder.startsWith('canvas-')))
    renameSync(join(from, name), join(to, name));
  if (from === excluded) rmSync(excluded, { recursive: true });
}
