import { createJoiner } from '../attribution/joiner.ts';
import type { JournalRecord } from '../journal/record.ts';
import { simulate } from '../model/simulate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { headerOf } from './header.ts';
import { createInstantRecorder } from './instant-recorder.ts';
import { askFor } from './prompt.ts';

/**
 * Runs a scenario's model and returns its journal, as a run of the client itself would have written it. Pure: it
 * depends on its arguments alone.
 */
export function modelJournal(scenario: Scenario, tool: string): JournalRecord[] {
  const asModel: Scenario = { ...scenario, time: 'model' };
  const records: JournalRecord[] = [headerOf(asModel, tool, scenario.startUs)];
  let nowUs = 0;
  const recorder = createInstantRecorder(
    () => nowUs,
    // A model tags all that it sends.
    createJoiner().join,
    (record) => records.push(record),
  );
  recorder.begin(scenario.startUs);
  const ask = askFor(scenario);
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
    (id, vu, iteration) => ask(id, vu, iteration).prompt,
  );
  recorder.settle();
  records.push({ type: 'end', endUs });
  return records;
}
