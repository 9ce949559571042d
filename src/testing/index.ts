/** Matchers and virtual runs for any test runner. Relative paths start at the working directory. */
import { checkFrom } from './check-from.ts';
import { folderOf, virtualRunsFrom } from './virtual-run.ts';

export type { CheckTable } from '../check/check-table.ts';
export type { RowResult, RowVerdict } from '../check/judge-row.ts';
export type { CheckOptions } from '../experiment/check.ts';
export type { CheckSource } from '../experiment/check-client.ts';
export type { Judgeable } from './analysed-run.ts';
export { matchers, type QuotaLabMatchers } from './matchers.ts';
export type { ScenarioFileInput, VirtualRunInput } from './run-input.ts';
export type { VirtualRun } from './virtual-run.ts';

export const { virtualRun, virtualRuns } = virtualRunsFrom(() => folderOf(undefined));
/** Puts a client into every situation of the battery, like `quotalab check`; see `CheckOptions`. */
export const check = checkFrom(() => folderOf(undefined));
