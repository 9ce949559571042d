import { QuotaLabError } from '../../mock-server/error.ts';
import { readTemplate } from '../files/page-file.ts';
import type { JournalWriter } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { LiveControl, LiveServer } from '../live/live-server.ts';

/** The flag of commands that have a live page. */
export const UI_FLAG = [
  '--ui',
  'show the run as it goes on a page for your browser; its address is printed',
  false,
] as const;

/** Starts the live page and prints its address on stderr. Throws `live/not-built` and `live/cannot-listen`. */
export async function openLivePage(control?: LiveControl): Promise<LiveServer> {
  const page = readTemplate('live');
  if (page === undefined) {
    const problems = [{ path: '--ui', message: 'dist/page/live.html is missing', hint: 'npm run build:page' }];
    throw new QuotaLabError('live/not-built', 'the live page is not built', { problems });
  }
  const { startLiveServer } = await import('../live/live-server.ts');
  const live = await startLiveServer({ page, ...(control && { control }) });
  process.stderr.write(`quotalab: live page at ${live.url}\n`);
  return live;
}

/** Returns a journal that shows its records on the live page, too. */
export function withLivePage(journal: JournalWriter, live: LiveServer | undefined): JournalWriter {
  if (!live) return journal;
  return {
    ...journal,
    write(record) {
      journal.write(record);
      showRecord(live, record);
    },
  };
}

/** Shows a record of a run on the live page. */
export function showRecord(live: LiveServer | undefined, record: JournalRecord): void {
  if (record.type === 'header') live?.begin(record);
  else live?.push(record);
}
