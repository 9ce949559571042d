/** The entry point for vitest: registers the matchers. Relative paths start at the folder of the test file. */
import { expect } from 'vitest';
import { checkFrom } from './check-from.ts';
import { matchers, type QuotaLabMatchers } from './matchers.ts';
import { folderOf, virtualRunsFrom } from './virtual-run.ts';

export type { CheckTable } from '../check/check-table.ts';
export type { RowResult, RowVerdict } from '../check/judge-row.ts';
export type { CheckOptions } from '../experiment/check.ts';
export type { CheckSource } from '../experiment/check-client.ts';
export type { Judgeable } from './analysed-run.ts';
export type { QuotaLabMatchers } from './matchers.ts';
export type { ScenarioFileInput, VirtualRunInput } from './run-input.ts';
export type { VirtualRun } from './virtual-run.ts';

declare global {
  // The `Assertion` of vitest 4 and 5 extends the one of chai, which has no type parameters in either version.
  namespace Chai {
    interface Assertion extends QuotaLabMatchers {}
  }
}

expect.extend(matchers);

const folder = (): string => folderOf(expect.getState().testPath);

export const { virtualRun, virtualRuns } = virtualRunsFrom(folder);
/** Puts a client into every situation of the battery, like `quotalab check`; see `CheckOptions`. */
export const check = checkFrom(folder);
