import { modelJournal } from '../run/model.ts';
import { type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { checkModel } from './check-model.ts';
import { measure } from './measure.ts';
import type { Measured } from './measured.ts';

/** One model run of a plan or a sweep. */
export interface ModelTask {
  readonly file: string;
  readonly overrides: Overrides;
  readonly seed: number;
}

/** The entry point of a pool thread: loads the scenario, runs its model, and returns the figures. */
export default async function run({ file, overrides, seed }: ModelTask): Promise<Measured> {
  const settings = replaceOverrides(overrides, { seed: String(seed) });
  return measure(modelJournal(await loadScenario(file, { overrides: settings, check: checkModel }), 'quotalab plan'));
}
