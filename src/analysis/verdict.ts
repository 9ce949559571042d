import type { Severity } from '../scenario/scenario.ts';
import type { Run } from './run-view.ts';

/** `not-applicable`: the situation that the verdict judges never arose. `inconclusive`: too little evidence of it. */
export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'inconclusive' | 'not-applicable';

/** One attempt that proves a verdict, in words a person can check against the journal. */
export interface Evidence {
  readonly call: number | null;
  /** Journal id of the attempt. */
  readonly attempt: number;
  readonly atUs: number;
  /** E.g. `told to wait 2s, came back after 500ms`. */
  readonly what: string;
}

/** What a judge returns; `judge` adds id, question and severity. */
export interface Finding {
  readonly status: VerdictStatus;
  /** The measured value; null where there is none. */
  readonly figure: number | null;
  readonly unit: string;
  /** The bounds as text, e.g. `warn > 2, fail > 3`. */
  readonly threshold: string;
  /** Observations it rests on, and how many it needs. */
  readonly n: number;
  readonly needed: number;
  readonly evidence: readonly Evidence[];
  /** One sentence: what was seen, with the figures. */
  readonly reason: string;
  /** One sentence: what to change in the client; empty when nothing is to be changed. */
  readonly advice: string;
}

/** One judge: a question about a run, and a pure function that answers it. */
export interface Judge {
  /** The fault it looks for, as in `backoff.md`, e.g. `ignores-retry-after`. */
  readonly id: string;
  readonly question: string;
  readonly defaultSeverity: Severity;
  judge(run: Run): Finding;
}

export interface Verdict extends Finding {
  readonly id: string;
  readonly question: string;
  readonly severity: Severity;
}
