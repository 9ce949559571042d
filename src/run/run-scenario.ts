import type { Scenario } from '../scenario/scenario.ts';
import type { RunOutcome } from './run-options.ts';
import { runVirtual, type VirtualOptions } from './virtual.ts';
import { runWall } from './wall.ts';

/** Runs a scenario in the kind of time that it asks for. Throws what `runWall` and `runVirtual` do. */
export function runScenario(scenario: Scenario, options: VirtualOptions): Promise<RunOutcome> {
  return scenario.time === 'wall' ? runWall(scenario, options) : runVirtual(scenario, options);
}
