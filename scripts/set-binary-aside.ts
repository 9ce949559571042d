/**
 * Keeps the canvas's binaries out of the package; `npm pack` calls it before and after. chartjs-node-canvas is bundled
 * so that the override of its `canvas` holds for whoever installs us; npm would then bundle this machine's binary too,
 * 14 MB that fit no other platform. Users get theirs through our own dependency on @napi-rs/canvas.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scope = join(root, 'node_modules/@napi-rs');
const aside = join(root, 'node_modules/.quotalab-aside');

if (process.argv[2] === 'back') moveAll(aside, scope);
else {
  mkdirSync(aside, { recursive: true });
  moveAll(scope, aside);
}

function moveAll(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).filter((folder) => folder.startsWith('canvas-')))
    renameSync(join(from, name), join(to, name));
  if (from === aside) rmSync(aside, { recursive: true });
}
