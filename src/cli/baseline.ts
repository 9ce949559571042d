import { dirname, relative } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type Allowances, parseAllowances } from '../comparison/allowance.ts';
import type { Comparison } from '../comparison/compare.ts';
import { readBaseline, writeBaseline } from '../experiment/baseline.ts';
import { compareResults } from '../experiment/compare-results.ts';
import type { ResultSource } from '../experiment/read-result.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { tryStat } from '../scenario/text-file.ts';
import { type AllowanceFlags, printComparison } from './compare-command.ts';
import { EXIT } from './exit-code.ts';
import { readAll } from './read-all.ts';
import type { ReportedRun } from './reported-run.ts';

export interface BaselineFlags extends AllowanceFlags {
  readonly baseline?: string;
  readonly updateBaseline: boolean;
  readonly checkDeterminism: boolean;
  readonly json: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
}

/** The baseline that a run is compared with. */
export interface Baseline {
  readonly base: ResultSource;
  readonly allowances: Allowances;
}

/** The exit code of a run, and its comparison with the baseline. */
export interface BaselineOutcome {
  /** 99 for a regression, otherwise the run's own. */
  readonly exitCode: number;
  /** Undefined if nothing was compared. */
  readonly comparison?: Comparison;
}

/**
 * Reads the baseline before the run starts; undefined without one to compare with. Throws `baseline/invalid` for conflicting
 * flags or a file that cannot be written, and what `readBaseline` and `parseAllowances` throw.
 */
export async function prepareBaseline(scenario: Scenario, flags: BaselineFlags): Promise<Baseline | undefined> {
  const { baseline: file, updateBaseline } = flags;
  ensureValidFlags(flags);
  if (file === undefined) return undefined;
  if (updateBaseline) {
    ensureWritable(dirname(file));
    return undefined;
  }
  const [allowances, base] = await readAll(
    () => parseAllowances(flags.allowance, flags.allow),
    () => readBaseline(file, scenario),
  );
  return { base, allowances };
}

function ensureValidFlags({ baseline: file, updateBaseline, checkDeterminism, allow }: BaselineFlags): void {
  const path = updateBaseline ? '--update-baseline' : '--baseline';
  const isUsed = updateBaseline || file !== undefined;
  const isFolder = file !== undefined && (tryStat(file)?.isDirectory() ?? false);
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

/** Updates the baseline, or compares a completed run with it; does nothing without `--baseline`. */
export async function applyBaseline(
  finished: ReportedRun,
  baseline: Baseline | undefined,
  folder: string,
  { baseline: file, updateBaseline, json, full }: BaselineFlags,
): Promise<BaselineOutcome> {
  const { exitCode, result } = finished;
  if (file !== undefined && updateBaseline) reportUpdate(file, result);
  if (!baseline || !result || (exitCode !== EXIT.passed && exitCode !== EXIT.failed)) return { exitCode };
  const { comparison, first } = await compareResults(baseline.base, result, { allowances: baseline.allowances });
  const sides = { base: file!, candidate: 'this run', ...(first && { first }) };
  // With --json, stdout carries the summary.
  printComparison(comparison, sides, json ? process.stderr : process.stdout, full);
  writeFiles(folder, [['comparison.json', `${JSON.stringify(comparisonJson(comparison, sides), null, 2)}\n`]]);
  if (comparison.regressions.length > 0) return { exitCode: EXIT.failed, comparison };
  return { exitCode, comparison };
}

/** Writes the baseline of a complete run; leaves the file unchanged after an incomplete one. */
function reportUpdate(file: string, result: ResultSource | undefined): void {
  const name = relative('.', file) || file;
  if (!result || result.measurement.partial) {
    process.stderr.write(`quotalab: ${name} is unchanged: the run was incomplete\n`);
    return;
  }
  const isWritten = writeBaseline(file, result.measurement);
  process.stderr.write(`quotalab: ${name} ${isWritten ? 'was written' : 'is unchanged'}\n`);
}
