import { expect, it } from 'vitest';
import { withProgramCalls } from '../../../src/attribution/program-calls.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import type { HeaderRecord, JournalRecord } from '../../../src/journal/record.ts';
import { header, repeated } from '../analysis/strip.ts';

const PROGRAM: HeaderRecord = { ...(header() as HeaderRecord), program: { missing: ['caller'], variables: [] } };
/** One call: refused, tried again after a second, answered. As written while the program runs, without its call. */
const WRITTEN = repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 1, 0)
  .filter((record) => record.type === 'attempt')
  .map((attempt): AttemptRecord => ({ ...attempt, call: null, joinedBy: 'none' }));

const callsIn = (records: Iterable<JournalRecord>): (number | null)[] =>
  [...records].flatMap((record) => (record.type === 'attempt' ? [record.call] : []));

it('a journal that was cut off while its program ran gets its calls', () => {
  expect(WRITTEN).toHaveLength(2);
  const records = [...withProgramCalls([PROGRAM, ...WRITTEN])];
  expect(records.map(({ type }) => type)).toEqual(['header', 'call', 'attempt', 'attempt']);
  expect(callsIn(records)).toEqual([1, 1]);
});

it('a journal that has them is left as it is, as are those of other runs', () => {
  const [call, ...attempts] = [...withProgramCalls([PROGRAM, ...WRITTEN])].slice(1);
  const whole: JournalRecord[] = [PROGRAM, call!, ...attempts, { type: 'end', endUs: 2_000_000, exitCode: 0 }];
  expect([...withProgramCalls(whole)]).toEqual(whole);
  const other: JournalRecord[] = [header(), ...WRITTEN];
  expect([...withProgramCalls(other)]).toEqual(other);
});

it('after the end of the program the last call is over, after an interrupt it may go on', () => {
  const refused = WRITTEN.slice(0, 1);
  const resultAt = (end: JournalRecord): unknown =>
    [...withProgramCalls([PROGRAM, ...refused, end])].map((record) => record.type === 'call' && record.result)[1];
  expect(resultAt({ type: 'end', endUs: 500_000, exitCode: 0 })).toBe('error');
  expect(resultAt({ type: 'end', endUs: 500_000, stopped: 'interrupted', exitCode: 130 })).toBe('open');
});
