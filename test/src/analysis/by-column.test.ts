import { expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readRun } from '../../../src/analysis/run-view.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { chartsOf } from '../../../src/report/charts/charts.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { modelJournal } from '../../../src/run/model.ts';
import { LOADS, scenarioOf } from '../../known-clients/known-clients.ts';

/** As a file gives them. */
function* oneByOne(records: readonly JournalRecord[]): Generator<JournalRecord> {
  yield* records;
}

it.each(Object.keys(LOADS))(
  'a run that was read one by one is judged, drawn and told as the same from memory: %s',
  async (load) => {
    const records = modelJournal(await scenarioOf(load), 'by column');
    const [plain, byColumn] = [readRun(records), readRun(oneByOne(records))];
    expect(plain.attempts.length).toBeGreaterThan(200);
    for (const [index, attempt] of plain.attempts.entries()) {
      const { callTag: _, ...wanted } = attempt as typeof attempt & { callTag?: string };
      const fields = Object.keys(wanted) as (keyof typeof wanted)[];
      const seen = byColumn.attempts[index]!;
      expect(Object.fromEntries(fields.map((field) => [field, seen[field]]))).toEqual(wanted);
    }
    expect(summaryJson(byColumn, analyse(byColumn))).toEqual(summaryJson(plain, analyse(plain)));
    expect(chartsOf(byColumn)).toEqual(chartsOf(plain));
    expect(byColumn.calls.map(({ id, load: name, result, error }) => ({ id, name, result, error }))).toEqual(
      plain.calls.map(({ id, load: name, result, error }) => ({ id, name, result, error })),
    );
  },
);
