import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import stringify from 'json-stringify-pretty-compact';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type Allowances, parseAllowances } from '../comparison/allowance.ts';
import { type Comparison, compare, ensureSameConditions } from '../comparison/compare.ts';
import { extractConditions } from '../comparison/conditions.ts';
import { createBaseline, type Measurement } from '../comparison/measurement.ts';
import { BASELINE_SCHEMA } from '../comparison/read-measurement.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type AllowanceFlags, findFirstDifference, printComparison } from './compare-command.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { readAll } from './read-all.ts';
import { type ResultSource, readResult } from './read-result.ts';
import type { FinishedRun } from './run-seeds.ts';

export interface BaselineFlags extends AllowanceFlags {
  readonly baseline?: string;
  readonly updateBaseline: boolean;
  readonly checkDeterminism: boolean;
  readonly json: boolean;
}

/** The comparison of a finished run with its baseline; does nothing without `--baseline`. */
export interface BaselineCheck {
  apply(concluded: FinishedRun, folder: string): Promise<BaselineOutcome>;
}

/** The exit code of a run, and its comparison with the baseline. */
export interface BaselineOutcome {
  /** 99 for a regression, otherwise the run's own. */
  readonly exitCode: number;
  /** Undefined if nothing was compared. */
  readonly comparison?: Comparison;
}

const NO_BASELINE: BaselineCheck = { apply: ({ exitCode }) => Promise.resolve({ exitCode }) };

/**
 * Reads the baseline before the run starts. Throws `baseline/invalid` for conflicting flags or a file that cannot be written,
 * `baseline/not-found`, `compare/not-comparable` if the scenario has changed since the baseline was written, and what
 * `readResult` and `readAllowances` throw.
 */
export async function readBaseline(scenario: Scenario, flags: BaselineFlags): Promise<BaselineCheck> {
  const { baseline: file, updateBaseline } = flags;
  ensureValidFlags(flags);
  if (file === undefined) return NO_BASELINE;
  if (updateBaseline) {
    ensureWritable(dirname(file));
    return { apply: (finished) => Promise.resolve({ exitCode: updateBaselineFile(file, finished) }) };
  }
  const [allowances, base] = await readAll(
    () => parseAllowances(flags.allowance, flags.allow),
    () => readExisting(file),
  );
  const now = { conditions: extractConditions({ scenario }), tool: `quotalab ${version()}` };
  ensureSameConditions(base.measurement, now);
  return {
    apply: (finished, folder) => compareWithBaseline(base, finished, { file, folder, allowances, json: flags.json }),
  };
}

function ensureValidFlags({ baseline: file, updateBaseline, checkDeterminism, allow }: BaselineFlags): void {
  const path = updateBaseline ? '--update-baseline' : '--baseline';
  const isUsed = updateBaseline || file !== undefined;
  const isFolder = file !== undefined && (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false);
  const problems = [
    ...(updateBaseline && file === undefined ? [{ path, message: 'needs --baseline FILE: the file to write' }] : []),
    ...(allow.length > 0 && file === undefined
      ? [{ path: '--allow', message: 'needs --baseline FILE: the file to compare with' }]
      : []),
    ...(updateBaseline && isFolder ? [{ path, message: `${file} is a folder: name the file to write` }] : []),
    ...(isUsed && checkDeterminism
      ? [{ path, message: 'cannot be combined with --check-determinism, which compares two runs with each other' }]
      : []),
  ];
  if (problems.length > 0) throw new QuotaLabError('baseline/invalid', 'invalid baseline flags', { problems });
}

function readExisting(file: string): Promise<ResultSource> {
  if (existsSync(file)) return readResult(file);
  const problems = [{ path: '', message: 'run once with --update-baseline to write it' }];
  throw new QuotaLabError('baseline/not-found', `baseline ${file} not found`, { problems });
}

interface ComparisonOptions {
  readonly file: string;
  readonly folder: string;
  readonly allowances: Allowances;
  readonly json: boolean;
}

/** Compares a completed run; with `--json` the text goes to stderr because stdout carries the summary. */
async function compareWithBaseline(
  base: ResultSource,
  { exitCode, measurement }: FinishedRun,
  { file, folder, allowances, json }: ComparisonOptions,
): Promise<BaselineOutcome> {
  if (!measurement || (exitCode !== EXIT.passed && exitCode !== EXIT.failed)) return { exitCode };
  const comparison = compare(base.measurement, measurement, { allowances });
  const isSeveral = measurement.seeds.length > 1;
  const candidate = await readResult(join(folder, isSeveral ? 'seeds.json' : 'summary.json'));
  const first = await findFirstDifference(comparison, base, candidate);
  const sides = { base: file, candidate: 'this run', ...(first && { first }) };
  writeFiles(folder, [['comparison.json', `${JSON.stringify(comparisonJson(comparison, sides), null, 2)}\n`]]);
  printComparison(comparison, sides, json ? process.stderr : process.stdout);
  if (comparison.regressions.length > 0) return { exitCode: EXIT.failed, comparison };
  // Explains "no regression" together with exit code 99.
  const reason = 'the run failed its own verdicts or thresholds (see above); no regression against the baseline';
  if (exitCode === EXIT.failed) process.stderr.write(`quotalab: ${reason}\n`);
  return { exitCode, comparison };
}

/** Writes the baseline of a completed run; leaves the file unchanged after an incomplete one. */
function updateBaselineFile(file: string, { exitCode, measurement }: FinishedRun): number {
  const name = relative('.', file) || file;
  if (!measurement || measurement.partial) {
    process.stderr.write(`quotalab: ${name} is unchanged: the run was incomplete\n`);
    return exitCode;
  }
  const text = baselineText(measurement);
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!isSame) writeFiles(dirname(file), [[basename(file), text]]);
  process.stderr.write(`quotalab: ${name} ${isSame ? 'is unchanged' : 'was written'}\n`);
  return exitCode;
}

/** One line per figure and verdict, so that a changed figure is a one-line diff. */
function baselineText(measurement: Measurement): string {
  const file = { $schema: BASELINE_SCHEMA, ...createBaseline(measurement) };
  return `${stringify(file, { maxLength: 120 })}\n`;
}
