/** Builds the pages of the report into `dist/page`, also after `npm ci`; `npm run build:page`. */
import { fileURLToPath } from 'node:url';
import { buildPages } from './pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  await buildPages(root, `${root}dist/page`);
} catch (error) {
  // `npm install --omit=dev` in a checkout runs this as well.
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('The pages of the report were not built: vite is not installed.\n');
}
