import { createJoiner } from '../attribution/joiner.ts';
import type { CallRecord } from '../journal/call-records.ts';
import type { DroppedRecord, JournalRecord, ReplicaRecord } from '../journal/record.ts';
import { simulate } from '../model/simulate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createCallBuilder } from './call-builder.ts';
import { createHeader } from './header.ts';
import { createInstantRecorder } from './instant-recorder.ts';

/** Runs the model of a scenario and returns its journal, as `recordModel` does. */
export function modelJournal(scenario: Scenario, tool: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  recordModel(scenario, tool, (record) => records.push(record));
  return records;
}

/**
 * Runs the model of a scenario. Emits the records of its journal, in the form that a run of the client itself would write.
 * Pure.
 */
export function recordModel(scenario: Scenario, tool: string, emit: (record: JournalRecord) => void): void {
  const asModel: Scenario = { ...scenario, time: 'model' };
  emit(createHeader(asModel, tool, scenario.startUs));
  let nowUs = 0;
  const recorder = createInstantRecorder(
    () => nowUs,
    // A model tags all its attempts.
    createJoiner().join,
    emit,
  );
  recorder.begin(scenario.startUs);
  const buildCall = createCallBuilder(scenario);
  const endUs = simulate(
    scenario,
    {
      detailed: true,
      attempt: () => undefined,
      exchange(exchange) {
        nowUs = exchange.endUs;
        recorder.attempt(exchange);
      },
      record(record) {
        nowUs = scenario.startUs + timeOf(record);
        recorder.write(record);
      },
    },
    buildCall,
  );
  recorder.settle();
  emit({ type: 'end', endUs });
}

function timeOf(record: CallRecord | DroppedRecord | ReplicaRecord): number {
  switch (record.type) {
    case 'call':
      return record.endUs;
    case 'dropped':
      return record.scheduledUs;
    case 'replica':
      return record.atUs;
  }
}
