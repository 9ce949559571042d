/** Runs the article's scenario and keeps the charts that the README shows; `npm run samples`. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const samples = `${root}reports/samples/article`;
const shown = ['timeline.png'];

const { status } = spawnSync(process.execPath, ['bin/quotalab.mjs', 'run', 'article'], { cwd: root, stdio: 'inherit' });
if (status !== 0) throw new Error(`the article's scenario ended with ${status}`);
mkdirSync(samples, { recursive: true });
for (const file of shown) copyFileSync(`${root}reports/article/${file}`, `${samples}/${file}`);
