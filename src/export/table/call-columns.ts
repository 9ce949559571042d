import { isRejected } from '../../analysis/run/attempts.ts';
import type { Call } from '../../analysis/run/run-view.ts';
import type { Column } from './column.ts';

export interface CallRow {
  readonly call: Call;
  /** Start of the run in microseconds since the Unix epoch. */
  readonly runStartedUs: number;
}

/** The columns of the table of calls, as `docs/export.md` lists them. */
export const CALL_COLUMNS: readonly Column<CallRow>[] = [
  { name: 'call', type: 'whole', about: 'number of the call in the run', of: ({ call }) => call.id },
  { name: 'load', type: 'text', about: 'name of its load', of: ({ call }) => call.load || null },
  { name: 'client', type: 'text', about: 'client that made it', of: ({ call }) => call.client },
  { name: 'replica', type: 'text', about: 'replica of the client', of: ({ call }) => call.replica },
  { name: 'kind', type: 'text', about: 'kind of call that it was', of: ({ call }) => call.kind },
  { name: 'vu', type: 'whole', about: 'virtual user that made it', of: ({ call }) => call.vu },
  { name: 'iteration', type: 'whole', about: "turn of the user's loop", of: ({ call }) => call.iteration },
  { name: 'job', type: 'text', about: 'job that it is a try of', of: ({ call }) => call.job },
  {
    name: 'scheduled_at',
    type: 'time',
    about: 'when its load wanted it to start, on the clock of the run',
    of: ({ call, runStartedUs }) => runStartedUs + call.scheduledUs,
  },
  {
    name: 'scheduled_ms',
    type: 'number',
    about: 'the same, since the start of the run',
    of: ({ call }) => call.scheduledUs / 1000,
  },
  { name: 'start_ms', type: 'number', about: 'when it started, since the same', of: ({ call }) => call.startUs / 1000 },
  {
    name: 'duration_ms',
    type: 'number',
    about: 'from when it was wanted to its end, retries and waits included',
    of: ({ call: { scheduledUs, endUs } }) => (endUs - scheduledUs) / 1000,
  },
  {
    name: 'result',
    type: 'text',
    about: 'ok, error or open (the run or its replica ended first)',
    of: ({ call }) => call.result,
  },
  { name: 'attempts', type: 'whole', about: 'requests that it made', of: ({ call }) => call.attempts.length },
  {
    name: 'refused',
    type: 'whole',
    about: 'how many of them a limit refused',
    of: ({ call }) => call.attempts.filter(isRejected).length,
  },
  { name: 'error_name', type: 'text', about: 'name of the error it ended with', of: ({ call }) => call.error?.name },
  { name: 'error_message', type: 'text', about: "that error's message", of: ({ call }) => call.error?.message },
  { name: 'error_status', type: 'whole', about: "that error's HTTP status", of: ({ call }) => call.error?.status },
  { name: 'error_code', type: 'text', about: "that error's code", of: ({ call }) => call.error?.code },
  { name: 'output_size', type: 'whole', about: 'characters or items of its result', of: ({ call }) => call.outputSize },
  {
    name: 'fallback',
    type: 'flag',
    about: 'whether its result was a fallback',
    of: ({ call }) => call.fallback === true,
  },
];
