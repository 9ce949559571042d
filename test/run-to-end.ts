import type { JournalRecord } from '../src/journal/record.ts';
import { runScenario } from '../src/run/run-scenario.ts';
import type { VirtualOptions } from '../src/run/virtual.ts';
import type { Scenario } from '../src/scenario/scenario.ts';

/** Runs a scenario in this process to its end and returns its records. Throws the error of a client that died. */
export async function runToEnd(
  scenario: Scenario,
  more: Partial<VirtualOptions> = {},
): Promise<readonly JournalRecord[]> {
  const { records, clientError } = await runScenario(scenario, {
    tool: 'test',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => process.stderr.write(text),
    ...more,
  });
  if (clientError) throw clientError;
  return records;
}
