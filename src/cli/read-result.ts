import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import { type Run, readRun } from '../analysis/run/run-view.ts';
import { joined, type Measurement, measurementOf } from '../comparison/measurement.ts';
import { measurementFrom } from '../comparison/read-measurement.ts';
import { journalRecords } from '../journal/journal-reader.ts';

/** What a file or folder says of a client. */
export interface Result {
  readonly measurement: Measurement;
  /** The journal of a seed, where there is one. Throws what `journalRecords` does. */
  runOf(seed: number): Promise<Run | undefined>;
}

/** `run --check-determinism` leaves it beside the other of the same seed. */
const AGAIN = 'journal-again.jsonl';

/**
 * Reads a journal, a `summary.json`, a `seeds.json`, a baseline, or a folder of them. Journals are judged anew, so that both
 * sides meet the same judges. Throws `compare/not-found`, `compare/not-json`, `compare/ambiguous`, and what
 * `measurementFrom`, `joined` and `journalRecords` do.
 */
export async function readResult(path: string): Promise<Result> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new QuotaLabError('compare/not-found', `there is no file ${path}`);
  return found.isDirectory() ? readFolder(path) : readFile(path);
}

async function readFile(file: string): Promise<Result> {
  if (isJournal(file)) return readJournals([file], file);
  const measurement = measurementFrom(readJson(file), file);
  return {
    measurement,
    async runOf(seed) {
      const journal = journalBeside(file, seed);
      return journal === undefined ? undefined : readRun(journalRecords(journal));
    },
  };
}

async function readJournals(files: readonly string[], place: string): Promise<Result> {
  const parts: Measurement[] = [];
  const bySeed = new Map<number, string>();
  for (const file of files) {
    const run = readRun(journalRecords(file));
    bySeed.set(run.header.seed, file);
    parts.push(measurementOf(run, analyse(run)));
  }
  return {
    measurement: joined(parts, place),
    async runOf(seed) {
      const file = bySeed.get(seed);
      return file === undefined ? undefined : readRun(journalRecords(file));
    },
  };
}

async function readFolder(folder: string): Promise<Result> {
  const names = readdirSync(folder).sort();
  const paths = (ending: string): string[] =>
    names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  if (names.includes('seeds.json')) return readSeeds(folder, names);
  const journals = paths('.jsonl').filter((file) => !file.endsWith(AGAIN));
  if (journals.length > 0) return readJournals(journals, folder);
  const inside = names.map((name) => join(folder, name)).filter((path) => statSync(path).isDirectory());
  const results =
    paths('.json').length > 0 ? paths('.json').map((file) => readFile(file)) : inside.map((path) => readFolder(path));
  return together(await Promise.all(results), folder);
}

/** What `run --seeds` left: its journals where they are all there, else its figures. */
async function readSeeds(folder: string, names: readonly string[]): Promise<Result> {
  if (names.includes('journal.jsonl')) {
    const problems = [
      { path: '', message: 'a single run left journal.jsonl, and run --seeds seeds.json: name the one that is meant' },
    ];
    throw new QuotaLabError('compare/ambiguous', `${folder} holds two results`, { problems });
  }
  const file = join(folder, 'seeds.json');
  const { seeds } = measurementFrom(readJson(file), file);
  const journals = seeds.map((seed) => join(folder, `seed-${seed}.jsonl`));
  return journals.every((journal) => existsSync(journal)) ? readJournals(journals, folder) : readFile(file);
}

function together(results: readonly Result[], place: string): Result {
  const measurement = joined(
    results.map((result) => result.measurement),
    place,
  );
  return {
    measurement,
    runOf: async (seed) => results.find((result) => result.measurement.seeds.includes(seed))?.runOf(seed),
  };
}

function isJournal(file: string): boolean {
  return file.endsWith('.jsonl') || /^\s*\{\s*"type"\s*:\s*"header"/.test(textOf(file).slice(0, 200));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(textOf(file));
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw new QuotaLabError('compare/not-json', `${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new QuotaLabError('compare/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Where `run` and `run --seeds` put the journal of a summary. */
function journalBeside(file: string, seed: number): string | undefined {
  const name = file.endsWith('seeds.json')
    ? `seed-${seed}.jsonl`
    : file.endsWith('summary.json')
      ? 'journal.jsonl'
      : undefined;
  const journal = name === undefined ? undefined : join(dirname(file), name);
  return journal !== undefined && existsSync(journal) ? journal : undefined;
}
