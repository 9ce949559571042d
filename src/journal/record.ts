import type { ProviderView } from '../../mock-server/reply.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SecondRecord } from './second-record.ts';

/** Version of the journal format; readers reject newer ones. Since 2, raw load is counted per second. */
export const JOURNAL_VERSION = 2;

/** A fact that a recording, or a program run without a runner, lacks; verdicts that need it are not decided. */
export type MissingFact =
  /** The provider's limits and their levels, and injected faults. */
  | 'limits'
  /** The results that the caller of the client got. */
  | 'caller'
  /** When replies arrived and ended. */
  | 'durations'
  /** Times finer than a tenth of a second. */
  | 'fine-clock'
  /** Whether two requests are the same. */
  | 'bodies'
  /** Request headers. */
  | 'request-headers'
  /** Token counts of replies. */
  | 'tokens'
  /** The attempts of calls that were recorded as one attempt. */
  | 'inner-attempts';

/** Entries of a recording that were skipped: why, how many, and where the first is. */
export interface Skipped {
  readonly why: string;
  readonly count: number;
  readonly first: string;
}

/** The source of a journal that was built from recorded traffic. */
export interface RecordedSource {
  readonly format: string;
  /** The file's name, without its folder. */
  readonly file: string;
  /** Requests in the recording, including skipped ones. */
  readonly entries: number;
  readonly leftOut: readonly Skipped[];
  readonly hosts: readonly string[];
  readonly missing: readonly MissingFact[];
  /** Resolution of its times, in microseconds. */
  readonly resolutionUs: number;
  /** Further notes, as sentences. */
  readonly notes: readonly string[];
}

/** The source of a journal whose calls were made by a program, not by the runner. */
export interface ProgramSource {
  readonly missing: readonly MissingFact[];
  /** The environment variables that directed it to the provider. */
  readonly variables: readonly string[];
}

/** The first line: what was run. Two identical runs may differ only in `generated`. */
export interface HeaderRecord {
  readonly type: 'header';
  readonly version: number;
  readonly tool: string;
  readonly seed: number;
  readonly time: Scenario['time'];
  /** Keys are hashed, paths as in the scenario. */
  readonly scenario: Scenario;
  /** `startedUs`: start of the run in microseconds since the Unix epoch. `node`: version, set if results depend on the machine. */
  readonly generated: { readonly at: string; readonly startedUs: number; readonly node?: string };
  /** Set if the journal was built from recorded traffic. */
  readonly recorded?: RecordedSource;
  /** Set if a program made the calls, not the runner: calls are then inferred from attempts. */
  readonly program?: ProgramSource;
}

/**
 * What joined an attempt to its call, best first (`backoff.md` section 2). Exact: the runner's tag, or an idempotency key,
 * marker or parent span that the requests of one call share. High: the SDK's retry count. Guess: a prompt that only one call
 * had at the time, a body sent again, or the only open call.
 */
export type JoinedBy =
  | 'tag'
  | 'idempotency'
  | 'marker'
  | 'parent-span'
  | 'retry-count'
  | 'prompt'
  | 'body-hash'
  | 'only-open'
  | 'none';

export interface CallError {
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  readonly code?: string;
}

/**
 * One call of the client under test. Times are microseconds since the start of the run. `scheduledUs` is when the load model
 * should have started the call; latency counts from there (no coordinated omission). `open`: the call had not ended when
 * the run did, and `endUs` is the end of the run.
 */
export interface CallRecord {
  readonly type: 'call';
  readonly id: number;
  readonly vu: number;
  readonly iteration: number;
  readonly scheduledUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly result: 'ok' | 'error' | 'open';
  readonly error?: CallError;
  /** Size of the client's result: characters of a string or items of a list; and whether the result is marked as a fallback. */
  readonly outputSize?: number;
  readonly fallback?: true;
}

/** How an attempt passed the gateway of the run; empty if the provider replied to exactly one upstream request. */
export interface Via {
  /** `gateway`: the reply came from the gateway. `unclear`: unknown, as the provider got requests without attempt numbers. */
  readonly answeredBy?: 'gateway' | 'unclear';
  /** Upstream requests of the gateway, if more than one. */
  readonly upstream?: number;
}

/**
 * One HTTP request, as the provider saw it. Times are microseconds since the start of the run: request head received, reply
 * head sent, last byte sent. `aborted`: the client closed the connection first. `open`: the attempt had not ended when the
 * run did. In recorded traffic, `endUs` equals `startUs` if the end was not recorded. In a run with a gateway, times are
 * those in front of the gateway: first byte of the request, head and last byte of the reply.
 */
export interface AttemptRecord extends ProviderView, Via {
  readonly type: 'attempt';
  readonly id: number;
  /** The call of the attempt; null if unknown. */
  readonly call: number | null;
  readonly joinedBy: JoinedBy;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** An arrival of an open load model that was dropped because no VU was free. */
export interface DroppedRecord {
  readonly type: 'dropped';
  readonly scheduledUs: number;
}

/** The last line; without it the journal was cut off. */
export interface EndRecord {
  readonly type: 'end';
  readonly endUs: number;
  /** Set if the run stopped early. */
  readonly stopped?: 'interrupted' | 'threshold' | 'client-exited' | 'gateway-exited';
  /** Exit code of the program, as shells report it, if a program made the calls. */
  readonly exitCode?: number;
}

export type JournalRecord = HeaderRecord | CallRecord | AttemptRecord | DroppedRecord | SecondRecord | EndRecord;
