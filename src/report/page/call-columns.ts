import { endingKind } from '../../analysis/run/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run/run-view.ts';
import type { AttemptColumns, CallColumns } from './page-data.ts';

/** Longer runs are shown in part: the page has to stay below some megabytes. */
const MAX_ATTEMPTS = 250_000;

/** From this number of attempts on, times are rounded: microseconds would be most of the page. */
const EXACT_UP_TO = 20_000;
const COARSE_UNIT_US = 100;

const MAX_ERROR_CHARS = 300;
/** Error messages that differ from call to call would be longer than everything else. */
const MAX_ERRORS = 2_000;

/** Mutable while it is filled. */
type Filling<Columns> = {
  -readonly [Name in keyof Columns]: Columns[Name] extends readonly (infer Cell)[] ? Cell[] : Columns[Name];
};

/**
 * Returns the calls of a run and their attempts by column. `wanted` are ids of calls that have to be among them, such as those
 * that prove a verdict; where there are too many, every n-th of the others is.
 */
export function callColumns(run: Run, wanted: ReadonlySet<number>): CallColumns {
  const calls = selectCalls(run, wanted);
  const attempts = calls.reduce((sum, call) => sum + call.attempts.length, 0);
  const unitUs = attempts <= EXACT_UP_TO ? 1 : COARSE_UNIT_US;
  const units = (us: number): number => Math.round(us / unitUs);
  const words = createWords();
  const columns: Filling<Omit<CallColumns, 'words' | 'attempt' | 'total' | 'unitUs'>> = {
    ...{ id: [], scheduled: [], started: [], ended: [], result: [], error: [], load: [], vu: [], attempts: [] },
  };
  const attempt = emptyAttempts();
  let before = 0;
  for (const call of calls) {
    const scheduled = units(call.scheduledUs);
    columns.id.push(call.id);
    columns.scheduled.push(scheduled - before);
    columns.started.push(units(call.startUs) - scheduled);
    columns.ended.push(units(call.endUs) - scheduled);
    columns.result.push(words.codeOf(call.result));
    columns.error.push(errorCode(call, words));
    columns.load.push(words.codeOf(call.load));
    columns.vu.push(call.vu);
    columns.attempts.push(call.attempts.length);
    for (const one of call.attempts) addAttempt(attempt, one, scheduled, units, words);
    before = scheduled;
  }
  return { total: run.calls.length, unitUs, words: words.all, ...columns, attempt };
}

function emptyAttempts(): Filling<AttemptColumns> {
  return {
    ...{ started: [], head: [], ended: [], status: [], ending: [] },
    ...{ told: [], admissible: [], model: [], key: [], reason: [] },
  };
}

function addAttempt(
  columns: Filling<AttemptColumns>,
  attempt: Attempt,
  scheduled: number,
  units: (us: number) => number,
  words: Words,
): void {
  const { startUs, headersUs, endUs, status, retryAfterUs, admitAfterUs, model, key, deniedBy } = attempt;
  const started = units(startUs);
  columns.started.push(started - scheduled);
  columns.head.push(headersUs === undefined ? -1 : units(headersUs) - started);
  columns.ended.push(units(endUs) - started);
  columns.status.push(status);
  columns.ending.push(words.codeOf(endingKind(attempt)));
  columns.told.push(retryAfterUs === undefined ? -1 : units(retryAfterUs));
  columns.admissible.push(admitAfterUs === undefined ? -1 : units(admitAfterUs));
  columns.model.push(words.codeOf(model));
  columns.key.push(words.codeOf(key?.slice(0, 8)));
  columns.reason.push(words.codeOf(deniedBy ?? attempt.errorCode ?? attempt.errorType ?? attempt.fault));
}

interface Words {
  readonly all: string[];
  /** Returns the index of a word; -1 for none. */
  codeOf(word: string | undefined): number;
}

function createWords(): Words {
  const all: string[] = [];
  const codes = new Map<string, number>();
  return {
    all,
    codeOf(word) {
      if (word === undefined || word === '') return -1;
      const known = codes.get(word);
      if (known !== undefined) return known;
      codes.set(word, all.length);
      return all.push(word) - 1;
    },
  };
}

function errorCode({ error }: Call, words: Words): number {
  if (!error) return -1;
  const name = [error.name, error.status].filter((part) => part !== undefined).join(' ');
  const text = words.all.length > MAX_ERRORS ? name : `${name}: ${error.message}`;
  return words.codeOf(text.length > MAX_ERROR_CHARS ? `${text.slice(0, MAX_ERROR_CHARS)}…` : text);
}

function selectCalls({ calls, attempts }: Run, wanted: ReadonlySet<number>): readonly Call[] {
  const every = Math.ceil(Math.max(attempts.length, calls.length) / MAX_ATTEMPTS);
  return every <= 1 ? calls : calls.filter(({ id }, index) => index % every === 0 || wanted.has(id));
}
