/** Matchers and virtual runs for any test runner; relative paths begin in the working directory. */
import { folderOf, virtualRunsFrom } from './virtual-run.ts';

export type { Judgeable } from './judged.ts';
export { matchers, type QuotaLabMatchers } from './matchers.ts';
export type { ScenarioFileInput, VirtualRunInput } from './run-input.ts';
export type { VirtualRun } from './virtual-run.ts';

export const { virtualRun, virtualRuns } = virtualRunsFrom(() => folderOf(undefined));
