import type { Redactor } from '../../mock-server/redaction/redactor.ts';
import { ensurePackages } from '../client/missing-packages.ts';
import type { JournalRecord } from '../journal/record.ts';
import { clientsOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createLineOutput } from './line-output.ts';
import { modelJournal, recordModel } from './model.ts';
import { atNamedClient } from './named-client-error.ts';
import { runRaw } from './raw.ts';
import { createRecordList } from './record-list.ts';
import type { RunContext, RunOutcome } from './run-context.ts';
import { createRunRedactor, redactError } from './run-redactor.ts';
import { runVirtual, type VirtualOptions } from './virtual.ts';
import { runWall } from './wall.ts';

const S_US = 1_000_000;

/**
 * Runs a scenario in its kind of time. What the client says, in its output, its errors and its requests, is redacted. Throws the errors of `runWall`, `runRaw` and `runVirtual`, and
 * `client/missing-packages` before anything starts.
 */
export async function runScenario(scenario: Scenario, options: VirtualOptions): Promise<RunOutcome> {
  const redactor = createRunRedactor(scenario, process.env);
  const output = createLineOutput((lines) => options.print(redactor.text(lines)));
  try {
    const outcome = await runInItsTime(scenario, { ...options, print: output.write }, redactor);
    const { clientError } = outcome;
    return clientError ? { ...outcome, clientError: redactError(clientError, redactor) as Error } : outcome;
  } catch (error) {
    throw redactError(error, redactor);
  } finally {
    output.end();
  }
}

async function runInItsTime(scenario: Scenario, options: VirtualOptions, redactor: Redactor): Promise<RunOutcome> {
  const { code } = scenario.client;
  if (scenario.time !== 'model') ensureAllPackages(scenario);
  if (code.kind === 'autocannon' && scenario.time === 'wall') return runRaw(scenario, code, options, redactor);
  switch (scenario.time) {
    case 'wall':
    case 'scaled':
      return runWall(scenario, options, redactor);
    case 'virtual':
      return runVirtual(scenario, options, redactor);
    case 'model':
      return runModel(scenario, options);
  }
}

function ensureAllPackages(scenario: Scenario): void {
  for (const { name, settings } of clientsOf(scenario)) {
    if (settings.code.kind !== 'module') continue;
    try {
      ensurePackages(settings.code.module);
    } catch (error) {
      throw atNamedClient(error, name);
    }
  }
}

/** A model run is too short to be interrupted. `shouldStop` truncates its journal afterwards. */
function runModel(scenario: Scenario, options: RunContext): RunOutcome {
  const { tool, openJournal, onTick, shouldStop } = options;
  const records = createRecordList(options);
  const journal = openJournal?.();
  let last: JournalRecord | undefined;
  const write = (record: JournalRecord): void => {
    last = record;
    journal?.write(record);
    records.add(record);
  };
  try {
    if (shouldStop) for (const record of truncateAtStop(modelJournal(scenario, tool), shouldStop)) write(record);
    else recordModel(scenario, tool, write);
  } finally {
    journal?.close();
  }
  const end = last?.type === 'end' ? last : undefined;
  if (end) onTick?.({ elapsedUs: end.endUs, records: records.all });
  return { records: records.all, stopped: end?.stopped };
}

/** Returns the records up to the second of the run at which `shouldStop` first returns true. */
function truncateAtStop(
  all: readonly JournalRecord[],
  shouldStop: NonNullable<RunContext['shouldStop']>,
): readonly JournalRecord[] {
  let checkUs = S_US;
  for (const [index, record] of all.entries()) {
    for (; 'endUs' in record && record.type !== 'end' && record.endUs >= checkUs; checkUs += S_US) {
      const soFar = all.slice(0, index);
      if (shouldStop(checkUs, soFar)) {
        return [...soFar, { type: 'end', endUs: checkUs, stopped: 'threshold' }];
      }
    }
  }
  return all;
}
