/** Matchers and virtual runs for any test runner. Relative paths start at the working directory. */
import { folderOf, virtualRunsFrom } from './virtual-run.ts';

export type { Judgeable } from './analysed-run.ts';
export { matchers, type QuotaLabMatchers } from './matchers.ts';
export type { ScenarioFileInput, VirtualRunInput } from './run-input.ts';
export type { VirtualRun } from './virtual-run.ts';

export const { virtualRun, virtualRuns } = virtualRunsFrom(() => folderOf(undefined));
