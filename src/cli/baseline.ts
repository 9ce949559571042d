import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import stringify from 'json-stringify-pretty-compact';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type Allowances, readAllowances } from '../comparison/allowance.ts';
import { type Comparison, compare, ensureSameConditions } from '../comparison/compare.ts';
import { conditionsOf } from '../comparison/conditions.ts';
import { baselineOf, type Measurement } from '../comparison/measurement.ts';
import { BASELINE_SCHEMA } from '../comparison/read-measurement.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type AllowanceFlags, partingOf, printComparison } from './compare-command.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { readAll } from './read-all.ts';
import { type Result, readResult } from './read-result.ts';
import type { Concluded } from './run-seeds.ts';

export interface BaselineFlags extends AllowanceFlags {
  readonly baseline?: string;
  readonly updateBaseline: boolean;
  readonly checkDeterminism: boolean;
  readonly json: boolean;
}

/** What a run is held against when it has ended; nothing where no baseline is named. */
export interface Against {
  conclude(concluded: Concluded, folder: string): Promise<Held>;
}

/** How a run and its comparison ended. */
export interface Held {
  /** 99 for a regression, else the run's own. */
  readonly exitCode: number;
  /** Undefined where nothing was compared. */
  readonly comparison?: Comparison;
}

const NOTHING: Against = { conclude: ({ exitCode }) => Promise.resolve({ exitCode }) };

/**
 * Reads the baseline before anything runs. Throws `baseline/invalid` for flags that do not go together or a file that cannot
 * be written, `baseline/not-found`, `compare/not-comparable` where the scenario is no longer the one it was made with, and
 * what `readResult` and `readAllowances` do.
 */
export async function readBaseline(scenario: Scenario, flags: BaselineFlags): Promise<Against> {
  const { baseline: file, updateBaseline } = flags;
  ensureSound(flags);
  if (file === undefined) return NOTHING;
  if (updateBaseline) {
    ensureWritable(dirname(file));
    return { conclude: (concluded) => Promise.resolve({ exitCode: update(file, concluded) }) };
  }
  const [allowances, base] = await readAll(
    () => readAllowances(flags.allowance, flags.allow),
    () => readExisting(file),
  );
  const now = { conditions: conditionsOf({ scenario }), tool: `quotalab ${version()}` };
  ensureSameConditions(base.measurement, now);
  return { conclude: (concluded, folder) => hold(base, concluded, { file, folder, allowances, json: flags.json }) };
}

function ensureSound({ baseline: file, updateBaseline, checkDeterminism, allow }: BaselineFlags): void {
  const path = updateBaseline ? '--update-baseline' : '--baseline';
  const isAsked = updateBaseline || file !== undefined;
  const isFolder = file !== undefined && (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false);
  const problems = [
    ...(updateBaseline && file === undefined ? [{ path, message: 'needs --baseline FILE: the file to write' }] : []),
    ...(allow.length > 0 && file === undefined
      ? [{ path: '--allow', message: 'needs --baseline FILE: what the run is compared with' }]
      : []),
    ...(updateBaseline && isFolder ? [{ path, message: `${file} is a folder: name the file to write` }] : []),
    ...(isAsked && checkDeterminism
      ? [{ path, message: '--check-determinism runs twice and compares these two: leave one of them out' }]
      : []),
  ];
  if (problems.length > 0) throw new QuotaLabError('baseline/invalid', 'the baseline cannot be used so', { problems });
}

function readExisting(file: string): Promise<Result> {
  if (existsSync(file)) return readResult(file);
  const problems = [{ path: '', message: 'run once with --update-baseline: it writes the file' }];
  throw new QuotaLabError('baseline/not-found', `there is no baseline ${file}`, { problems });
}

interface Holding {
  readonly file: string;
  readonly folder: string;
  readonly allowances: Allowances;
  readonly json: boolean;
}

/** Compares a run that went its way; with `--json` the words go to stderr, since stdout is the summary's. */
async function hold(
  base: Result,
  { exitCode, measurement }: Concluded,
  { file, folder, allowances, json }: Holding,
): Promise<Held> {
  if (!measurement || (exitCode !== EXIT.passed && exitCode !== EXIT.failed)) return { exitCode };
  const comparison = compare(base.measurement, measurement, { allowances });
  const isSeveral = measurement.seeds.length > 1;
  const candidate = await readResult(join(folder, isSeveral ? 'seeds.json' : 'summary.json'));
  const first = await partingOf(comparison, base, candidate);
  const told = { base: file, candidate: 'this run', ...(first && { first }) };
  writeFiles(folder, [['comparison.json', `${JSON.stringify(comparisonJson(comparison, told), null, 2)}\n`]]);
  printComparison(comparison, told, json ? process.stderr : process.stdout);
  if (comparison.regressions.length > 0) return { exitCode: EXIT.failed, comparison };
  // "No regression" and exit 99 would need explaining.
  const ownFault = 'the run fails by its own verdicts or thresholds, as told above; nothing is worse than the baseline';
  if (exitCode === EXIT.failed) process.stderr.write(`quotalab: ${ownFault}\n`);
  return { exitCode, comparison };
}

/** Writes the baseline of a run that went its whole way; one that did not leaves the file as it was. */
function update(file: string, { exitCode, measurement }: Concluded): number {
  const name = relative('.', file) || file;
  if (!measurement || measurement.partial) {
    process.stderr.write(`quotalab: ${name} stays as it was: the run did not go its whole way\n`);
    return exitCode;
  }
  const text = baselineText(measurement);
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!isSame) writeFiles(dirname(file), [[basename(file), text]]);
  process.stderr.write(`quotalab: ${name} ${isSame ? 'is as it was' : 'is written'}\n`);
  return exitCode;
}

/** A line for each figure and verdict, so that a change of one is a change of one line. */
function baselineText(measurement: Measurement): string {
  const file = { $schema: BASELINE_SCHEMA, ...baselineOf(measurement) };
  return `${stringify(file, { maxLength: 120 })}\n`;
}
