import { expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import { JOIN_CONFIDENCE } from '../../../../src/attribution/join-confidence.ts';
import type { AttemptRecord, JoinedBy } from '../../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../../src/journal/record.ts';
import { chartsOf } from '../../../../src/report/charts/charts.ts';
import { summaryJson } from '../../../../src/report/summary-json.ts';
import { modelJournal } from '../../../../src/run/model.ts';
import { LOADS, loadScenarioFor } from '../../../known-clients/known-clients.ts';
import { header, strip } from '../strip.ts';

it.each(Object.keys(LOADS))(
  'a run stored by column has the same summary and charts as one of plain objects: %s',
  async (load) => {
    const records = modelJournal(await loadScenarioFor(load), 'by column');
    const [plain, byColumn] = [readRun(records), readRun(records, { columnar: true })];
    expect(plain.attempts.length).toBeGreaterThan(200);
    for (const [index, attempt] of plain.attempts.entries()) {
      const { callTag: _, ...expected } = attempt as typeof attempt & { callTag?: string };
      const fields = Object.keys(expected) as (keyof typeof expected)[];
      const actual = byColumn.attempts[index]!;
      expect(Object.fromEntries(fields.map((field) => [field, actual[field]]))).toEqual(expected);
    }
    expect(summaryJson(byColumn, analyse(byColumn))).toEqual(summaryJson(plain, analyse(plain)));
    expect(chartsOf(byColumn, analyse(byColumn))).toEqual(chartsOf(plain, analyse(plain)));
    expect(byColumn.calls.map(({ id, load: name, result, error }) => ({ id, name, result, error }))).toEqual(
      plain.calls.map(({ id, load: name, result, error }) => ({ id, name, result, error })),
    );
  },
);

it('keeps optional fields of calls and attempts, and orders equal starts by id', () => {
  const timeline = strip(
    `b.1 0-10 429 ra=1000 code=c type=t rc=0 key=k should=true
    a.1 0-20 200 tokens=4 answer=9
    c.1 0-5 reset
    => c error fallback output=7
    => a ok output=0`,
  );
  const error = { name: 'Error', message: 'refused', status: 429, code: 'c' };
  const records: JournalRecord[] = timeline
    .toReversed()
    .map((record) => (record.type === 'call' && record.id === 1 ? { ...record, iteration: 3, error } : record));
  const lost: JournalRecord[] = records.map((record) =>
    record.type === 'attempt' && record.id === 2 ? { ...record, call: null, joinedBy: 'none' } : record,
  );
  for (const all of [records, lost]) {
    const [plain, byColumn] = [readRun([header(), ...all]), readRun([header(), ...all], { columnar: true })];
    expect(plain.calls).toHaveLength(3);
    expect(byColumn.calls.map(({ id }) => id)).toEqual(plain.calls.map(({ id }) => id));
    for (const [index, { attempts, ...expected }] of plain.calls.entries()) {
      const actual = byColumn.calls[index]!;
      const fields = Object.keys(expected) as (keyof typeof expected)[];
      expect(Object.fromEntries(fields.map((field) => [field, actual[field]]))).toEqual(expected);
      expect(actual.attempts.map(({ id }) => id)).toEqual(attempts.map(({ id }) => id));
      expect([actual.error, actual.fallback, actual.outputSize]).toEqual([
        expected.error,
        expected.fallback,
        expected.outputSize,
      ]);
    }
  }
});

/** Every field of an attempt; the compiler requires new ones. */
const FULL: Required<AttemptRecord> = {
  type: 'attempt',
  id: 1,
  call: 1,
  joinedBy: 'tag',
  callTag: '1',
  startUs: 1000,
  headersUs: 2000,
  endUs: 3000,
  outcome: 'response',
  endpoint: 'chat.completions',
  model: 'gpt-4o-mini',
  key: 'key-hash',
  status: 429,
  fault: 'status',
  errorType: 'requests',
  errorCode: 'rate_limit_exceeded',
  defect: 'error-body',
  retryAfterRaw: '1',
  retryAfterUs: 1_000_000,
  retryAfterSource: 'retry-after-ms',
  resetRaw: '6m0s',
  resetUs: 360_000_000,
  messageWaitUs: 350_000_000,
  limits: [
    { limit: 'requests', bucket: 'requests[all]', unit: 'requests', cost: 1, admit: false, before: 5, after: 4 },
  ],
  dateSkewUs: -7,
  shouldRetry: true,
  deniedBy: 'requests',
  admitAfterUs: 11,
  promptTokens: 12,
  completionTokens: 13,
  answerChars: 14,
  sentChars: 15,
  bodyHash: 'body-hash',
  bodyBytes: 16,
  ip: '192.0.2.1',
  textHash: 'text-hash',
  stream: true,
  idempotencyKey: 'idempotency-hash',
  job: 'invoice 7',
  retryCount: 17,
  userAgent: 'agent/1',
  answeredBy: 'gateway',
  upstream: 3,
  replica: 'chat/2',
  provider: 'primary',
};

/** Required fields only. */
const BARE: AttemptRecord = {
  ...{ type: 'attempt', id: 1, call: null, joinedBy: 'none', startUs: 1000, endUs: 3000, outcome: 'open' },
  ...{ endpoint: 'unknown', status: 0, limits: [], bodyHash: 'body-hash', bodyBytes: 0, stream: false },
};

it('keeps every field of full and bare attempts, for every rung', () => {
  const { callTag: _, ...full } = FULL;
  const rungs = Object.keys(JOIN_CONFIDENCE) as JoinedBy[];
  const variants = [full, BARE].flatMap((attempt) => rungs.map((joinedBy) => ({ ...attempt, joinedBy })));
  const attempts = variants.map((variant, index): AttemptRecord => ({ ...variant, id: index + 1 }));
  const actual = readRun([header(), ...attempts], { columnar: true }).attempts;
  expect(actual).toHaveLength(2 * rungs.length);
  const fields = Object.keys(full) as (keyof typeof full)[];
  for (const [index, attempt] of attempts.entries()) {
    for (const field of fields) expect([field, actual[index]![field]]).toEqual([field, attempt[field]]);
  }
});

it('records that are not kept become columns once they are many, with the same values', () => {
  const one = strip('a.1 0-10 429\na.2 500-600 200\n=> a ok');
  const many = Array.from({ length: 7000 }, (_, n) =>
    one.map((record) => ({ ...record, ...(record.type === 'attempt' ? { call: n } : { id: n }) }) as JournalRecord),
  ).flat();
  const [few, all] = [
    [header(), ...many.slice(0, 19_999)],
    [header(), ...many],
  ];
  const isPlain = (run: ReturnType<typeof readRun>): boolean => Object.hasOwn(run.attempts[0]!, 'status');
  expect(isPlain(readRun(few, { columnar: 'if-large' }))).toBe(true);
  const [plain, large] = [readRun(all), readRun(all, { columnar: 'if-large' })];
  expect([isPlain(plain), isPlain(large)]).toEqual([true, false]);
  expect(large.calls.map(({ id, result, attempts }) => [id, result, attempts.map(({ status }) => status)])).toEqual(
    plain.calls.map(({ id, result, attempts }) => [id, result, attempts.map(({ status }) => status)]),
  );
  expect(large.attempts).toHaveLength(14_000);
});
