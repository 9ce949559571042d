import { expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readRun } from '../../../src/analysis/run-view.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { chartsOf } from '../../../src/report/charts/charts.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { modelJournal } from '../../../src/run/model.ts';
import { LOADS, scenarioOf } from '../../known-clients/known-clients.ts';
import { header, strip } from './strip.ts';

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

it('whatever calls and attempts hold, those of one start by their ids', () => {
  const film = strip(
    `b.1 0-10 429 ra=1000 code=c type=t rc=0 key=k should=true
    a.1 0-20 200 tokens=4 answer=9
    c.1 0-5 reset
    => c error fallback output=7
    => a ok output=0`,
  );
  const error = { name: 'Error', message: 'refused', status: 429, code: 'c' };
  const records: JournalRecord[] = film
    .toReversed()
    .map((record) => (record.type === 'call' && record.id === 1 ? { ...record, iteration: 3, error } : record));
  const lost: JournalRecord[] = records.map((record) =>
    record.type === 'attempt' && record.id === 2 ? { ...record, call: null, joinedBy: 'none' } : record,
  );
  for (const all of [records, lost]) {
    const [plain, byColumn] = [readRun([header(), ...all]), readRun(oneByOne([header(), ...all]))];
    expect(plain.calls).toHaveLength(3);
    expect(byColumn.calls.map(({ id }) => id)).toEqual(plain.calls.map(({ id }) => id));
    for (const [index, { attempts, ...wanted }] of plain.calls.entries()) {
      const seen = byColumn.calls[index]!;
      const fields = Object.keys(wanted) as (keyof typeof wanted)[];
      expect(Object.fromEntries(fields.map((field) => [field, seen[field]]))).toEqual(wanted);
      expect(seen.attempts.map(({ id }) => id)).toEqual(attempts.map(({ id }) => id));
      expect([seen.error, seen.fallback, seen.outputSize]).toEqual([wanted.error, wanted.fallback, wanted.outputSize]);
    }
  }
});
