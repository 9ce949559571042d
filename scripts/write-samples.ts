/** Runs and plans the article's scenario and keeps the charts that the README shows; `npm run samples`. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const samples = `${root}reports/samples/article`;
const shown = { run: 'load.png', plan: 'plan.png' };

mkdirSync(samples, { recursive: true });
for (const [command, file] of Object.entries(shown)) {
  const args = ['bin/quotalab.mjs', command, 'article'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`quotalab ${command} article ended with ${status}`);
  copyFileSync(`${root}reports/article/${file}`, `${samples}/${file}`);
}
