import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import { readRun } from '../analysis/run/read-run.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { createMeasurement, type Measurement, mergeMeasurements } from '../comparison/measurement.ts';
import { parseMeasurement } from '../comparison/read-measurement.ts';
import { findJournal, isJournalName, plainName } from '../journal/journal-place.ts';
import { readJournalRecords } from '../journal/journal-reader.ts';
import { parseYaml } from '../scenario/document.ts';
import { parsePath } from '../scenario/path.ts';
import { readTextFile } from '../scenario/text-file.ts';
import { SECOND_JOURNAL } from './check-determinism.ts';

/** A measurement read from a file or folder. */
export interface ResultSource {
  readonly measurement: Measurement;
  /** Reads the run of a seed; undefined without its journal. Throws what `readJournalRecords` throws. */
  runOf(seed: number): Promise<Run | undefined>;
}

/**
 * Reads a journal, a `summary.json`, a `seeds.json`, a baseline, or a folder of them. Journals are judged again, so that both
 * sides use the same verdicts. Throws `compare/not-found`, `compare/not-json`, `compare/ambiguous`, and what
 * `parseMeasurement`, `mergeMeasurements` and `readJournalRecords` throw.
 */
export async function readResult(path: string): Promise<ResultSource> {
  const found = tryRead(path, () => statSync(path, { throwIfNoEntry: false }));
  const journal = found ? path : findJournal(path);
  if (journal !== path) return readFile(journal);
  if (!found) throw new QuotaLabError('compare/not-found', `there is no file ${path}`);
  if (found.isDirectory()) return readFolder(path);
  if (!found.isFile())
    throw new QuotaLabError('compare/not-found', `cannot read ${path}: it is neither a file nor a folder`);
  return readFile(path);
}

async function readFile(file: string): Promise<ResultSource> {
  if (isJournal(file)) return readJournals([file], file);
  const measurement = readMeasurement(file);
  return {
    measurement,
    async runOf(seed) {
      const journal = journalOfSeed(file, seed);
      return journal === undefined ? undefined : readRun(readJournalRecords(journal), { columnar: true });
    },
  };
}

async function readJournals(files: readonly string[], place: string): Promise<ResultSource> {
  const parts: Measurement[] = [];
  const bySeed = new Map<number, string>();
  for (const file of files) {
    const run = readRun(readJournalRecords(file), { columnar: true });
    bySeed.set(run.header.seed, file);
    parts.push(createMeasurement(run, analyse(run)));
  }
  return {
    measurement: mergeMeasurements(parts, place),
    async runOf(seed) {
      const file = bySeed.get(seed);
      return file === undefined ? undefined : readRun(readJournalRecords(file), { columnar: true });
    },
  };
}

async function readFolder(folder: string): Promise<ResultSource> {
  const entries = tryRead(folder, () => readdirSync(folder, { withFileTypes: true }));
  const names = entries.map(({ name }) => name).sort();
  const paths = (ending: string): string[] =>
    names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  if (names.includes('seeds.json')) return readSeeds(folder, names);
  const plain = new Set(names.filter(isJournalName).map(plainName));
  plain.delete(`${SECOND_JOURNAL}.jsonl`);
  const journals = [...plain].map((name) => findJournal(join(folder, name)));
  if (journals.length > 0) return readJournals(journals, folder);
  // Not those behind links, which may lead back here.
  const inside = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
  const results =
    paths('.json').length > 0 ? paths('.json').map((file) => readFile(file)) : inside.map((path) => readFolder(path));
  return joinResults(await Promise.all(results), folder);
}

/** Reads the result of `run --seeds`: its journals if they are complete, otherwise `seeds.json`. */
async function readSeeds(folder: string, names: readonly string[]): Promise<ResultSource> {
  const journal = names.find((name) => plainName(name) === 'journal.jsonl');
  if (journal !== undefined) {
    const problems = [
      { path: '', message: `${journal} is from one run, seeds.json from run --seeds: name one of the files` },
    ];
    throw new QuotaLabError('compare/ambiguous', `${folder} contains two results`, { problems });
  }
  const file = join(folder, 'seeds.json');
  const { seeds } = readMeasurement(file);
  const journals = seeds.map((seed) => findJournal(join(folder, `seed-${seed}.jsonl`)));
  return journals.every((found) => existsSync(found)) ? readJournals(journals, folder) : readFile(file);
}

function joinResults(results: readonly ResultSource[], place: string): ResultSource {
  const measurement = mergeMeasurements(
    results.map((result) => result.measurement),
    place,
  );
  return {
    measurement,
    runOf: async (seed) => results.find((result) => result.measurement.seeds.includes(seed))?.runOf(seed),
  };
}

function isJournal(file: string): boolean {
  return isJournalName(file) || /^\s*\{\s*"type"\s*:\s*"header"/.test(readText(file).slice(0, 200));
}

/** Reads the measurement in a file of JSON. The problems of a damaged one have their lines. */
function readMeasurement(file: string): Measurement {
  const text = readText(file);
  const raw = parseJson(text, file);
  try {
    return parseMeasurement(raw, file);
  } catch (error) {
    if (!(error instanceof QuotaLabError) || error.problems.length === 0) throw error;
    // JSON is YAML, whose parser knows the lines.
    const { lineOf } = parseYaml(text, file);
    const within = Object.hasOwn(Object(raw) as object, 'results') ? ['results'] : [];
    const problems = error.problems.map((problem) => ({
      ...problem,
      file,
      line: lineOf([...within, ...parsePath(problem.path)]),
    }));
    throw new QuotaLabError(error.code, error.message, { problems, cause: error.cause });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new QuotaLabError('compare/not-json', `${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

function readText(file: string): string {
  return tryRead(file, () => readTextFile(file));
}

function tryRead<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new QuotaLabError('compare/not-found', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Finds the journal that `run` or `run --seeds` wrote next to a summary. */
function journalOfSeed(file: string, seed: number): string | undefined {
  const name = file.endsWith('seeds.json')
    ? `seed-${seed}.jsonl`
    : file.endsWith('summary.json')
      ? 'journal.jsonl'
      : undefined;
  const journal = name === undefined ? undefined : findJournal(join(dirname(file), name));
  return journal !== undefined && existsSync(journal) ? journal : undefined;
}
