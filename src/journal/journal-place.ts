import { createReadStream, createWriteStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { QuotaLabError } from '../../mock-server/error.ts';
import { removeFile, replaceWholeAsync } from '../files/write-files.ts';

/** Where a run writes its journal, and what becomes of it when the run has ended. */
export interface JournalPlace {
  /** The plain file that is written during the run. */
  readonly file: string;
  /** What replaces the plain file if that is larger than `aboveBytes`; without it, the file stays as it is. */
  readonly compressed?: { readonly file: string; readonly aboveBytes: number };
}

/** A larger journal is compressed, to about a twentieth. */
const LARGE_BYTES = 1_000_000;

const ENDINGS = ['', '.gz', '.zst'] as const;

/** Returns the place of a journal that nobody has named: `journal.jsonl`, or if that gets large, `journal.jsonl.gz`. */
export function journalIn(folder: string, name = 'journal'): JournalPlace {
  const file = join(folder, `${name}.jsonl`);
  return { file, compressed: { file: `${file}.gz`, aboveBytes: LARGE_BYTES } };
}

/** Returns the place of a journal that the user has named: compressed if its name ends in `.gz` or `.zst`. */
export function journalAt(path: string): JournalPlace {
  const ending = /\.(?:gz|zst)$/.exec(path)?.[0];
  if (ending === undefined) return { file: path };
  return { file: path.slice(0, -ending.length), compressed: { file: path, aboveBytes: 0 } };
}

/** Removes the compressed journal of an earlier run, whose place another takes. */
export function removeEarlier({ compressed }: JournalPlace): void {
  if (compressed) removeFile(compressed.file);
}

/**
 * Replaces the plain journal of a run that has ended by a compressed one, if its place says so; the plain one is removed after
 * the other is whole. Returns the path of what is there. If there is no room for it, the plain one stays.
 */
export async function compressJournal({ file, compressed }: JournalPlace): Promise<string> {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (!compressed || bytes <= compressed.aboveBytes) return file;
  const compression = compressed.file.endsWith('.zst') ? createZstdCompress() : createGzip();
  try {
    await replaceWholeAsync(compressed.file, 'journal/not-writable', (part) =>
      pipeline(createReadStream(file), compression, createWriteStream(part)),
    );
  } catch {
    return file;
  }
  removeFile(file);
  return compressed.file;
}

/**
 * Returns the journal at a path: the file itself, the one that was compressed after it was written, or the only one in a folder.
 * A path with none is returned as it is. Throws `journal/not-found` for a folder with none or several.
 */
export function findJournal(path: string): string {
  if (!isFolder(path)) return firstOf(path) ?? path;
  const found = firstOf(join(path, 'journal.jsonl'));
  if (found !== undefined) return found;
  const names = readdirSync(path).filter((name) => isJournalName(name));
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return join(path, only);
  const inside = only === undefined ? nestedJournal(path) : undefined;
  const message =
    only === undefined ? 'it has no journal.jsonl' : `it has ${names.sort().join(', ')}: name one of them`;
  throw new QuotaLabError('journal/not-found', `cannot read ${path}: it is a folder`, {
    problems: [{ path: '', message, ...(inside !== undefined && { hint: inside }) }],
  });
}

/** Returns whether a file is called as journals are: `.jsonl`, also compressed. */
export function isJournalName(name: string): boolean {
  return /\.jsonl(?:\.gz|\.zst)?$/.test(name);
}

/** Returns the name that a journal had before it was compressed, without its folder. */
export function plainName(path: string): string {
  return basename(path).replace(/\.(?:gz|zst)$/, '');
}

function firstOf(path: string): string | undefined {
  return ENDINGS.map((ending) => path + ending).find((file) => existsSync(file));
}

/** The journal of a folder's only subfolder with one: `reports` has `reports/article/journal.jsonl`. */
function nestedJournal(folder: string): string | undefined {
  const found = readdirSync(folder).flatMap((name) => firstOf(join(folder, name, 'journal.jsonl')) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Reading it tells why.
    return false;
  }
}
