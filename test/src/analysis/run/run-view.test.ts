import { describe, expect, it } from 'vitest';
import { readRun } from '../../../../src/analysis/run/run-view.ts';
import type { AttemptRecord, CallRecord, JournalRecord } from '../../../../src/journal/record.ts';
import { header, runOf, strip } from '../strip.ts';

const film = strip('a.1 0-10 429\na.2 500-600 200\nb.1 200-300 200\nc.1 200-250 200');

describe('a journal, joined', () => {
  it('calls and attempts by start, then as they were numbered, however they were written', () => {
    const [first, second] = [readRun([header(), ...film]), readRun([header(), ...film.toReversed()])];
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

  it('attempts that belong to no call are each a first; a call may have none', () => {
    const records = film.map((record): JournalRecord => {
      const lost = record.type === 'attempt' && record.call === 1;
      return lost ? ({ ...record, call: null, joinedBy: 'none' } satisfies AttemptRecord) : record;
    });
    const run = runOf(records);
    expect(run.attempts.filter(({ call }) => call === null).map(({ number }) => number)).toEqual([1, 1]);
    expect(run.calls[0]!.attempts).toEqual([]);
  });

  it('dropped arrivals stand apart, and the end is when the journal says', () => {
    const dropped = { type: 'dropped', scheduledUs: 7 } as const;
    const run = readRun([header(), ...film, dropped, { type: 'end', endUs: 5_000_000, stopped: 'interrupted' }]);
    expect(run).toMatchObject({ dropped: [dropped], endUs: 5_000_000, stopped: 'interrupted' });
    expect(readRun([header(), ...film, { type: 'end', endUs: 600_000 }])).not.toHaveProperty('stopped');
  });

  it('without an end, it ended when the last thing did', () => {
    expect(readRun([header(), ...film, { type: 'dropped', scheduledUs: 9_000_000 }])).toMatchObject({
      endUs: 600_000,
      stopped: 'cut-off',
    });
    expect(readRun([header()])).toMatchObject({ endUs: 0, calls: [], attempts: [], dropped: [] });
  });

  it('calls know the load of their VU', () => {
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
    const run = runOf(film, { head: header(undefined, { load: [load('few', 2), load('one', 1)] }) });
    expect(run.calls.map((call: CallRecord & { load: string }) => [call.vu, call.load])).toEqual([
      [1, 'few'],
      [2, 'few'],
      [3, 'one'],
    ]);
  });

  it.each([
    ['nothing at all', []],
    ['calls, and no header', film],
  ])('%s is no journal', (_name, records) => {
    expect(() => readRun(records)).toThrow(
      expect.objectContaining({
        code: 'journal/no-header',
        message: expect.stringContaining('the journal does not start with a header'),
      }),
    );
  });
});
