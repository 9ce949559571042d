import type { CallColumns } from '../../report/page/page-data.ts';

/** The calls of a run, read from columns one at a time. `row` counts from 0 in the order of start. */
export interface Calls {
  readonly columns: CallColumns;
  readonly count: number;
  /** First attempt of each row; the entry after the last row is the number of attempts. */
  readonly firstAttempt: Int32Array;
  readonly scheduledUs: Float64Array;
  word(code: number): string;
  rowOf(id: number): number | undefined;
}

export type CallResult = 'ok' | 'error' | 'open';

/** One call with its attempts. Times are microseconds, those of attempts counted from the scheduled start of the call. */
export interface CallView {
  readonly id: number;
  readonly scheduledUs: number;
  readonly startedUs: number;
  readonly tookUs: number;
  readonly result: CallResult;
  readonly error: string;
  readonly load: string;
  readonly vu: number;
  readonly attempts: readonly AttemptView[];
}

export interface AttemptView {
  readonly startUs: number;
  readonly headUs: number | undefined;
  readonly endUs: number;
  readonly status: number;
  readonly ending: string;
  readonly retryAfterUs: number | undefined;
  readonly admissibleUs: number | undefined;
  readonly model: string;
  readonly key: string;
  readonly reason: string;
}

export function readCalls(columns: CallColumns): Calls {
  const count = columns.id.length;
  const firstAttempt = new Int32Array(count + 1);
  const scheduledUs = new Float64Array(count);
  const rows = new Map<number, number>();
  let scheduled = 0;
  for (let row = 0; row < count; row++) {
    scheduled += columns.scheduled[row]!;
    scheduledUs[row] = scheduled * columns.unitUs;
    firstAttempt[row + 1] = firstAttempt[row]! + columns.attempts[row]!;
    rows.set(columns.id[row]!, row);
  }
  return {
    ...{ columns, count, firstAttempt, scheduledUs },
    word: (code) => columns.words[code] ?? '',
    rowOf: (id) => rows.get(id),
  };
}

export function callAt(calls: Calls, row: number): CallView {
  const { columns, firstAttempt, scheduledUs, word } = calls;
  const { unitUs } = columns;
  const attempts: AttemptView[] = [];
  for (let index = firstAttempt[row]!; index < firstAttempt[row + 1]!; index++) attempts.push(attemptAt(calls, index));
  return {
    id: columns.id[row]!,
    scheduledUs: scheduledUs[row]!,
    startedUs: columns.started[row]! * unitUs,
    tookUs: columns.ended[row]! * unitUs,
    result: word(columns.result[row]!) as CallResult,
    error: word(columns.error[row]!),
    load: word(columns.load[row]!),
    vu: columns.vu[row]!,
    attempts,
  };
}

function attemptAt({ columns: { attempt, unitUs }, word }: Calls, index: number): AttemptView {
  const startUs = attempt.started[index]! * unitUs;
  const after = (column: readonly number[]): number | undefined =>
    column[index]! < 0 ? undefined : startUs + column[index]! * unitUs;
  return {
    startUs,
    headUs: after(attempt.head),
    endUs: startUs + attempt.ended[index]! * unitUs,
    status: attempt.status[index]!,
    ending: word(attempt.ending[index]!),
    retryAfterUs: attempt.told[index]! < 0 ? undefined : attempt.told[index]! * unitUs,
    admissibleUs: attempt.admissible[index]! < 0 ? undefined : attempt.admissible[index]! * unitUs,
    model: word(attempt.model[index]!),
    key: word(attempt.key[index]!),
    reason: word(attempt.reason[index]!),
  };
}
