import type { JournalRecord } from '../../journal/record.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { readRun } from '../run/read-run.ts';
import { evaluateThresholds } from './thresholds.ts';

/** Creates the check that stops a run once a threshold with `abortOnFail` fails. A threshold without samples has not failed. */
export function createAbortCheck({ thresholds }: Pick<Scenario, 'thresholds'>): {
  shouldStop?: (elapsedUs: number, records: readonly JournalRecord[]) => boolean;
} {
  const aborting = thresholds.filter(({ abortOnFail }) => abortOnFail);
  if (aborting.length === 0) return {};
  return {
    shouldStop(elapsedUs, records) {
      const due = aborting.filter(({ delayAbortEvalUs }) => elapsedUs >= delayAbortEvalUs);
      return due.length > 0 && evaluateThresholds(readRun(records), due).some(({ ok, samples }) => !ok && samples > 0);
    },
  };
}
