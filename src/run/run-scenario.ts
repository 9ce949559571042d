import type { JournalRecord } from '../journal/record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { modelJournal } from './model.ts';
import { runRaw } from './raw.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { runVirtual, type VirtualOptions } from './virtual.ts';
import { runWall } from './wall.ts';

const S_US = 1_000_000;

/** Runs a scenario in the kind of time that it asks for. Throws what `runWall`, `runRaw` and `runVirtual` do. */
export function runScenario(scenario: Scenario, options: VirtualOptions): Promise<RunOutcome> {
  const { code } = scenario.client;
  if (code.kind === 'autocannon' && scenario.time === 'wall') return runRaw(scenario, code, options);
  switch (scenario.time) {
    case 'wall':
    case 'scaled':
      return runWall(scenario, options);
    case 'virtual':
      return runVirtual(scenario, options);
    case 'model':
      return Promise.resolve(runModel(scenario, options));
  }
}

/** A model run is over before anybody could interrupt it; `shouldStop` cuts its journal where it says so. */
function runModel(scenario: Scenario, { tool, openJournal, onTick, shouldStop }: RunOptions): RunOutcome {
  const all = modelJournal(scenario, tool);
  const { records, stopped } = shouldStop ? cutWhere(all, shouldStop) : { records: all, stopped: undefined };
  const journal = openJournal();
  try {
    for (const record of records) journal.write(record);
  } finally {
    journal.close();
  }
  const end = records.at(-1);
  if (end?.type === 'end') onTick?.({ elapsedUs: end.endUs, records });
  return { records, ...(stopped && { stopped }) };
}

/** What had ended when `shouldStop`, asked each second of the run, first said so. */
function cutWhere(
  all: readonly JournalRecord[],
  shouldStop: NonNullable<RunOptions['shouldStop']>,
): { records: readonly JournalRecord[]; stopped?: 'threshold' } {
  let askUs = S_US;
  for (const [index, record] of all.entries()) {
    for (; 'endUs' in record && record.type !== 'end' && record.endUs >= askUs; askUs += S_US) {
      const seen = all.slice(0, index);
      if (shouldStop(askUs, seen)) {
        return { records: [...seen, { type: 'end', endUs: askUs, stopped: 'threshold' }], stopped: 'threshold' };
      }
    }
  }
  return { records: all };
}
