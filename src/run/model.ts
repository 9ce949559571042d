import { createJoiner } from '../attribution/joiner.ts';
import type { JournalRecord } from '../journal/record.ts';
import { simulate } from '../model/simulate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createCallBuilder } from './call-builder.ts';
import { createHeader } from './header.ts';
import { createInstantRecorder } from './instant-recorder.ts';

/**
 * Runs the model of a scenario and returns its journal, in the form that a run of the client itself would write. Pure.
 */
export function modelJournal(scenario: Scenario, tool: string): JournalRecord[] {
  const asModel: Scenario = { ...scenario, time: 'model' };
  const records: JournalRecord[] = [createHeader(asModel, tool, scenario.startUs)];
  let nowUs = 0;
  const recorder = createInstantRecorder(
    () => nowUs,
    // A model tags all its attempts.
    createJoiner().join,
    (record) => records.push(record),
  );
  recorder.begin(scenario.startUs);
  const buildCall = createCallBuilder(scenario);
  const endUs = simulate(
    scenario,
    scenario.client.model,
    {
      detailed: true,
      attempt: () => undefined,
      exchange(exchange) {
        nowUs = exchange.endUs;
        recorder.attempt(exchange);
      },
      record(record) {
        nowUs = scenario.startUs + ('endUs' in record ? record.endUs : record.scheduledUs);
        recorder.write(record);
      },
    },
    buildCall,
  );
  recorder.settle();
  records.push({ type: 'end', endUs });
  return records;
}
