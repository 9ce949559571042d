import { describe, expect, it } from 'vitest';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import type { AttemptRecord, CallRecord } from '../../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../../src/journal/record.ts';
import { header, runOf, strip } from '../strip.ts';

const timeline = strip('a.1 0-10 429\na.2 500-600 200\nb.1 200-300 200\nc.1 200-250 200');

describe('readRun', () => {
  it('orders calls and attempts by start, then id, regardless of the journal order', () => {
    const [first, second] = [readRun([header(), ...timeline]), readRun([header(), ...timeline.toReversed()])];
    for (const run of [first, second]) {
      expect(run.calls.map(({ id, attempts }) => [id, attempts.map((one) => one.id)])).toEqual([
        [1, [1, 2]],
        [2, [3]],
        [3, [4]],
      ]);
      expect(run.attempts.map(({ id, number }) => [id, number])).toEqual([
        [1, 1],
        [3, 1],
        [4, 1],
        [2, 2],
      ]);
    }
  });

  it('numbers unattributed attempts 1; a call may have no attempts', () => {
    const records = timeline.map((record): JournalRecord => {
      const lost = record.type === 'attempt' && record.call === 1;
      return lost ? ({ ...record, call: null, joinedBy: 'none' } satisfies AttemptRecord) : record;
    });
    const run = runOf(records);
    expect(run.attempts.filter(({ call }) => call === null).map(({ number }) => number)).toEqual([1, 1]);
    expect(run.calls[0]!.attempts).toEqual([]);
  });

  it('keeps dropped iterations separate and takes the end from the journal', () => {
    const dropped = { type: 'dropped', scheduledUs: 7 } as const;
    const run = readRun([header(), ...timeline, dropped, { type: 'end', endUs: 5_000_000, stopped: 'interrupted' }]);
    expect(run).toMatchObject({ dropped: [dropped], endUs: 5_000_000, stopped: 'interrupted' });
    expect(readRun([header(), ...timeline, { type: 'end', endUs: 600_000 }])).not.toHaveProperty('stopped');
  });

  it('without an end record, ends with the last record', () => {
    expect(readRun([header(), ...timeline, { type: 'dropped', scheduledUs: 9_000_000 }])).toMatchObject({
      endUs: 600_000,
      stopped: 'cut-off',
    });
    expect(readRun([header()])).toMatchObject({ endUs: 0, calls: [], attempts: [], dropped: [] });
  });

  it('sets the load of each call by its VU', () => {
    const load = (name: string, vus: number) =>
      ({
        executor: 'constant-vus',
        name,
        vus,
        durationUs: 1e6,
        startUs: 0,
        gracefulStopUs: 0,
        wait: { kind: 'none' },
      }) as const;
    const run = runOf(timeline, { head: header(undefined, { load: [load('few', 2), load('one', 1)] }) });
    expect(run.calls.map((call: CallRecord & { load: string }) => [call.vu, call.load])).toEqual([
      [1, 'few'],
      [2, 'few'],
      [3, 'one'],
    ]);
  });

  it.each([
    ['an empty journal', []],
    ['calls without a header', timeline],
  ])('rejects %s', (_name, records) => {
    expect(() => readRun(records)).toThrow(
      expect.objectContaining({
        code: 'journal/no-header',
        message: expect.stringContaining('the journal does not start with a header'),
      }),
    );
  });
});
