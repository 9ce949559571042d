import { endingKind } from '../../../mock-server/ending.ts';
import { waitBeforeUs } from '../../analysis/run/attempts.ts';
import type { Attempt } from '../../analysis/run/run-view.ts';
import { type Cell, type Column, toMs } from './column.ts';

/** An attempt, with the attempt of the same call before it and what depends on the run. */
export interface AttemptRow {
  readonly attempt: Attempt;
  readonly before: Attempt | undefined;
  readonly load: string;
  /** Start of the run in microseconds since the Unix epoch. */
  readonly runStartedUs: number;
}

type Field = { [Name in keyof Attempt]: Attempt[Name] extends Cell | undefined ? Name : never }[keyof Attempt];

const of =
  (name: NonNullable<Field>) =>
  ({ attempt }: AttemptRow): Cell | undefined =>
    attempt[name];

const ms =
  (name: 'startUs' | 'retryAfterUs' | 'admitAfterUs') =>
  ({ attempt }: AttemptRow): number | null =>
    toMs(attempt[name]);

/** The columns of the table of attempts, as `docs/export.md` lists them. */
export const ATTEMPT_COLUMNS: readonly Column<AttemptRow>[] = [
  { name: 'attempt', type: 'whole', about: 'number of the attempt in the run', of: of('id') },
  { name: 'call', type: 'whole', about: 'number of its call; empty if unknown', of: of('call') },
  {
    name: 'number',
    type: 'whole',
    about: '1 for the first attempt of a call, 2 for its first retry',
    of: of('number'),
  },
  { name: 'load', type: 'text', about: 'name of the load of its call', of: ({ load }) => load || null },
  { name: 'replica', type: 'text', about: 'replica of the client that sent it', of: of('replica') },
  { name: 'provider', type: 'text', about: 'provider that received it', of: of('provider') },
  { name: 'endpoint', type: 'text', about: 'such as chat.completions', of: of('endpoint') },
  { name: 'model', type: 'text', about: 'model that the request named', of: of('model') },
  { name: 'key', type: 'text', about: 'hash of the API key', of: of('key') },
  {
    name: 'started_at',
    type: 'time',
    about: 'when the provider received the request, on the clock of the run',
    of: ({ attempt, runStartedUs }) => runStartedUs + attempt.startUs,
  },
  { name: 'start_ms', type: 'number', about: 'the same, since the start of the run', of: ms('startUs') },
  {
    name: 'first_byte_ms',
    type: 'number',
    about: 'from the request to the head of its reply',
    of: ({ attempt: { headersUs, startUs } }) => (headersUs === undefined ? null : (headersUs - startUs) / 1000),
  },
  {
    name: 'duration_ms',
    type: 'number',
    about: 'from the request to the last byte of its reply',
    of: ({ attempt: { startUs, endUs } }) => (endUs - startUs) / 1000,
  },
  {
    name: 'ending',
    type: 'text',
    about: 'answered, refused, spent, overloaded, failed, rejected, broken, unreadable, abandoned or open',
    of: ({ attempt }) => endingKind(attempt),
  },
  { name: 'outcome', type: 'text', about: 'response, reset, aborted (by the client) or open', of: of('outcome') },
  { name: 'status', type: 'whole', about: 'HTTP status; 0 without one', of: of('status') },
  { name: 'denied_by', type: 'text', about: 'limit that refused it', of: of('deniedBy') },
  { name: 'fault', type: 'text', about: 'injected fault', of: of('fault') },
  { name: 'defect', type: 'text', about: 'what was wrong with a reply of status 200', of: of('defect') },
  { name: 'error_type', type: 'text', about: "type in the reply's error", of: of('errorType') },
  { name: 'error_code', type: 'text', about: "code in the reply's error", of: of('errorCode') },
  { name: 'retry_after', type: 'text', about: 'Retry-After or its equivalent, as sent', of: of('retryAfterRaw') },
  { name: 'told_ms', type: 'number', about: 'wait that the reply asked for', of: ms('retryAfterUs') },
  {
    name: 'could_pass_ms',
    type: 'number',
    about: 'from a refused request until its limits would have had room for it',
    of: ms('admitAfterUs'),
  },
  {
    name: 'waited_ms',
    type: 'number',
    about: 'from the reply before, of the same call, to this attempt',
    of: ({ attempt, before }) => (before === undefined ? null : waitBeforeUs(before, attempt) / 1000),
  },
  { name: 'prompt_tokens', type: 'whole', about: 'tokens of the prompt', of: of('promptTokens') },
  { name: 'completion_tokens', type: 'whole', about: 'tokens of the answer', of: of('completionTokens') },
  { name: 'body_bytes', type: 'whole', about: 'size of the request body', of: of('bodyBytes') },
  { name: 'stream', type: 'flag', about: 'whether a stream was asked for', of: of('stream') },
  { name: 'sdk_retry', type: 'whole', about: 'x-stainless-retry-count of the request', of: of('retryCount') },
  { name: 'idempotency_key', type: 'text', about: 'hash of the Idempotency-Key', of: of('idempotencyKey') },
  { name: 'body_hash', type: 'text', about: 'equal for equal requests', of: of('bodyHash') },
  { name: 'joined_by', type: 'text', about: 'what joined it to its call', of: of('joinedBy') },
  { name: 'job', type: 'text', about: 'job that its call is a try of', of: of('job') },
  { name: 'user_agent', type: 'text', about: 'User-Agent of the request', of: of('userAgent') },
];
