/** For vitest: importing it makes the matchers known; relative paths begin in the folder of the test's file. */
import { expect } from 'vitest';
import { matchers, type QuotaLabMatchers } from './matchers.ts';
import { folderOf, virtualRunsFrom } from './virtual-run.ts';

export type { Judgeable } from './judged.ts';
export type { QuotaLabMatchers } from './matchers.ts';
export type { ScenarioFileInput, VirtualRunInput } from './run-input.ts';
export type { VirtualRun } from './virtual-run.ts';

declare global {
  // vitest 4 and 5 both make their `Assertion` of chai's, which alone has the same type parameters in both: none.
  namespace Chai {
    interface Assertion extends QuotaLabMatchers {}
  }
}

expect.extend(matchers);

export const { virtualRun, virtualRuns } = virtualRunsFrom(() => folderOf(expect.getState().testPath));
