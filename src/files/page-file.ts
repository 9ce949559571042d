import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Where the build puts the pages, from the root of the package; `npm run build:page` makes them. */
const FOLDER = 'dist/page';

/** The place in a page that its data take: a script element of the type `text/plain`. */
const PLACE = '<!--quotalab-data-->';

/** Why there is no page, in one sentence. */
export const PAGE_NOT_BUILT = `report.html was left out: ${FOLDER} is not built (npm run build:page)`;

/**
 * Returns report.html with `data` in it, compressed, or undefined in a checkout in which no page is built. Equal data give equal
 * bytes.
 */
export async function fillPage(data: unknown): Promise<string | undefined> {
  const template = readTemplate('report');
  if (template === undefined) return undefined;
  const packed = await promisify(gzip)(JSON.stringify(data), { level: 9 });
  const element = `<script type="text/plain" id="data">${packed.toString('base64')}</script>`;
  // A function: `$` in a replacement has a meaning.
  return template.replace(PLACE, () => element);
}

/** Returns a page as it was built, or undefined in a checkout in which it is not. */
export function readTemplate(name: 'report' | 'live'): string | undefined {
  const file = join(packageRoot(), FOLDER, `${name}.html`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The folder of package.json above this file, both in a checkout and installed. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
