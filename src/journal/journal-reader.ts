import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { QuotaLabError } from '../../mock-server/error.ts';
import { JOURNAL_VERSION, type JournalRecord } from './record.ts';

/**
 * Reads a journal line by line. A last line that is not whole is left out: the run was cut off there. Throws
 * `journal/not-found`, `journal/not-a-journal`, `journal/newer-version`, or `journal/damaged` for a broken line that is
 * not the last.
 */
export async function readJournal(file: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  let line = 0;
  let broken: { line: number; cause: unknown } | undefined;
  for await (const text of lines(file)) {
    line++;
    if (text.trim() === '') continue;
    if (broken) throw damaged(file, broken);
    try {
      records.push(JSON.parse(text) as JournalRecord);
    } catch (cause) {
      broken = { line, cause };
    }
  }
  checkHeader(file, records[0]);
  return records;
}

async function* lines(file: string): AsyncIterable<string> {
  try {
    yield* createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw new QuotaLabError('journal/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function damaged(file: string, { line, cause }: { line: number; cause: unknown }): QuotaLabError {
  const problems = [{ path: '', file, line, message: 'this line is no JSON, and others follow it' }];
  return new QuotaLabError('journal/damaged', `${file}:${line} is damaged`, { problems, cause });
}

function checkHeader(file: string, first: JournalRecord | undefined): void {
  if (first?.type !== 'header' || typeof first.version !== 'number' || !first.scenario) {
    throw new QuotaLabError('journal/not-a-journal', `${file} is no QuotaLab journal: its first line is no header`);
  }
  if (first.version > JOURNAL_VERSION) {
    const message = `${file} has format ${first.version}, written by ${first.tool}; this version reads up to ${JOURNAL_VERSION}`;
    throw new QuotaLabError('journal/newer-version', message);
  }
}
