import { fillPage } from '../files/page-file.ts';
import { writeFiles } from '../files/write-files.ts';
import type { PageData } from './page/page-data.ts';

/**
 * Writes a page into an existing folder and returns its path, or undefined in a checkout in which no page is built. Throws
 * `report/not-writable`.
 */
export async function writePage(folder: string, data: PageData, name = 'report.html'): Promise<string | undefined> {
  const page = await fillPage(data);
  return page === undefined ? undefined : writeFiles(folder, [[name, page]])[0];
}
