import { QuotaLabError } from '../../mock-server/error.ts';
import type { ResultSource } from '../experiment/read-result.ts';
import type { FinishedRun } from '../experiment/run-once.ts';
import type { JudgedRun } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import type { LastLine } from './print-result.ts';

/** What `run` knows after its runs. */
export interface ReportedRun {
  readonly exitCode: number;
  /** To compare with a baseline; undefined for incomplete seeds. */
  readonly result?: ResultSource;
  /** For CI systems; without a result, `error` is set instead. */
  readonly judged?: JudgedRun;
  readonly error?: Error;
  /** What `run` prints at the end, after a comparison with the baseline. */
  readonly last?: LastLine;
}

/** The result of an interrupted run. */
export const INTERRUPTED = {
  exitCode: EXIT.interrupted,
  error: new QuotaLabError('run/interrupted', 'the run was interrupted'),
} as const;

/** Returns the exit code of a run: a failed client or an interruption takes precedence over `verdict`. */
export function resolveExitCode(
  { failure, stopped }: Pick<FinishedRun, 'failure' | 'stopped'>,
  verdict: number,
): number {
  if (failure) return EXIT.badInput;
  return stopped === 'interrupted' ? EXIT.interrupted : verdict;
}
