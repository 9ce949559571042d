import type { Sight } from '../../mock-server/reply.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Version of the journal format; a reader refuses a newer one. */
export const JOURNAL_VERSION = 1;

/** The first line: what was run. Nothing outside `generated` may differ between two runs that are the same. */
export interface HeaderRecord {
  readonly type: 'header';
  readonly version: number;
  readonly tool: string;
  readonly seed: number;
  readonly time: Scenario['time'];
  /** Keys hashed, paths as the scenario has them. */
  readonly scenario: Scenario;
  /** `startedUs`: the run's zero, in microseconds since the Unix epoch. `node`: in wall time, where versions matter. */
  readonly generated: { readonly at: string; readonly startedUs: number; readonly node?: string };
}

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

/**
 * One HTTP request, as the provider saw it. Microseconds since the start of the run: head received, head sent, last
 * byte sent. `aborted`: the client went away first; `open`: it had not ended when the run did.
 */
export interface AttemptRecord extends Sight {
  readonly type: 'attempt';
  readonly id: number;
  /** The call it belongs to; null when nothing tells. */
  readonly call: number | null;
  /** What joined it to its call (`backoff.md` section 2). */
  readonly joinedBy: 'tag' | 'none';
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
  readonly stopped?: 'interrupted' | 'threshold' | 'client-exited';
}

export type JournalRecord = HeaderRecord | CallRecord | AttemptRecord | DroppedRecord | EndRecord;
