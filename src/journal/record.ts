import type { ProviderView } from '../../mock-server/reply.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SecondRecord } from './second-record.ts';

/** Version of the journal format; a reader refuses a newer one. 2: raw load is counted by the second. */
export const JOURNAL_VERSION = 2;

/** What a recording does not tell, or a program that ran by itself; verdicts that need it do not judge without. */
export type MissingFact =
  /** The limits of the provider, their levels and faults. */
  | 'limits'
  /** What the caller of the client got. */
  | 'caller'
  /** When answers came and ended. */
  | 'durations'
  /** Moments finer than a tenth of a second. */
  | 'fine-clock'
  /** Whether two requests are the same. */
  | 'bodies'
  /** What requests said in their headers. */
  | 'request-headers'
  /** How many tokens answers used. */
  | 'tokens'
  /** Attempts that a client made inside what was recorded as one. */
  | 'inner-attempts';

/** Something in a recording that was left out: why, how often, and where first. */
export interface Skipped {
  readonly why: string;
  readonly count: number;
  readonly first: string;
}

/** Where a journal that was made from recorded traffic comes from. */
export interface RecordedSource {
  readonly format: string;
  /** The file's name, without its folder. */
  readonly file: string;
  /** Requests in the recording, those left out included. */
  readonly entries: number;
  readonly leftOut: readonly Skipped[];
  readonly hosts: readonly string[];
  readonly missing: readonly MissingFact[];
  /** How exact its moments are, in microseconds. */
  readonly resolutionUs: number;
  /** Anything else to know of it, in sentences. */
  readonly notes: readonly string[];
}

/** A program that ran by itself beside the provider. */
export interface ProgramSource {
  readonly missing: readonly MissingFact[];
  /** The variables that pointed it at the provider. */
  readonly variables: readonly string[];
}

/** The first line: what was run. Nothing outside `generated` may differ between two runs that are the same. */
export interface HeaderRecord {
  readonly type: 'header';
  readonly version: number;
  readonly tool: string;
  readonly seed: number;
  readonly time: Scenario['time'];
  /** Keys hashed, paths as the scenario has them. */
  readonly scenario: Scenario;
  /** `startedUs`: the run's zero, in microseconds since the Unix epoch. `node`: where the machine has its say, and versions matter. */
  readonly generated: { readonly at: string; readonly startedUs: number; readonly node?: string };
  /** Set where the journal was not written by a run but made from traffic that somebody recorded. */
  readonly recorded?: RecordedSource;
  /** Set where no runner made the calls but a program did, by itself: calls are then what its attempts imply. */
  readonly program?: ProgramSource;
}

/**
 * What joins an attempt to its call, best first (`backoff.md` section 2). Exact: the runner's tag; a key, marker or parent
 * span that the requests of one call share. High: the SDK's count of retries. By guess: its text, which was the prompt of
 * one call alone at that time; one body sent again; the only call that was open. Or nothing.
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
 * One thing the team's code wanted. Microseconds since the start of the run. `scheduledUs` is when it should have
 * started by the load model; latency counts from there (no coordinated omission). `open` means it had not ended when
 * the run did; `endUs` is then the end of the run.
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
  /** Of what the client's call resolved to: characters of a text, items of a list; and whether it says it is a stand-in. */
  readonly outputSize?: number;
  readonly fallback?: true;
}

/** How an attempt came through the gateway that the run had; nothing where the provider answered the one request that it got. */
export interface Via {
  /** The answer is the gateway's own; or nobody can say whose, since the provider got requests without their number. */
  readonly answeredBy?: 'gateway' | 'unclear';
  /** How often the gateway asked the provider, where it did so more than once. */
  readonly upstream?: number;
}

/**
 * One HTTP request, as the provider saw it. Microseconds since the start of the run: head received, head sent, last
 * byte sent. `aborted`: the client went away first; `open`: it had not ended when the run did. In recorded traffic an answer
 * that ends when its request starts is one whose end was not recorded. In a run with a gateway it is as the client saw it, in
 * front of the gateway: first byte of the request, head and last byte of the answer.
 */
export interface AttemptRecord extends ProviderView, Via {
  readonly type: 'attempt';
  readonly id: number;
  /** The call it belongs to; null when nothing tells. */
  readonly call: number | null;
  readonly joinedBy: JoinedBy;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** An arrival of an open load model that found no free VU. */
export interface DroppedRecord {
  readonly type: 'dropped';
  readonly scheduledUs: number;
}

/** The last line. A journal without it was cut off. */
export interface EndRecord {
  readonly type: 'end';
  readonly endUs: number;
  /** Set when the run did not go its whole way. */
  readonly stopped?: 'interrupted' | 'threshold' | 'client-exited' | 'gateway-exited';
  /** Of a program that ran by itself: how it ended, as shells tell it. */
  readonly exitCode?: number;
}

export type JournalRecord = HeaderRecord | CallRecord | AttemptRecord | DroppedRecord | SecondRecord | EndRecord;
