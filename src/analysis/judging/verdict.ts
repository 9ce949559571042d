import type { Severity } from '../../scenario/scenario.ts';
import type { Run } from '../run/run-view.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Settings } from './verdict-setting.ts';

/** `not-applicable`: the situation that the verdict judges did not occur. `inconclusive`: too little evidence. */
export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'inconclusive' | 'not-applicable';

/**
 * What proves a verdict. `instance`: one clear case. `share`: a rate over calls. `chance`: a pattern that chance may also make,
 * so that one run can only warn and two seeds that agree fail (`backoff.md` 3.0).
 */
export type DecidedBy = 'instance' | 'share' | 'chance';

/** Evidence shown per verdict. */
export const MAX_EVIDENCE = 10;

/** One attempt that proves a verdict, described so that it can be checked against the journal. */
export interface Evidence {
  readonly call: number | null;
  /** Journal id of the attempt; null for a call without attempts. */
  readonly attempt: number | null;
  /** The attempt's number within its call, from 1. */
  readonly number?: number;
  readonly atUs: number;
  /** For example `requested wait 2s, retried after 500ms`. */
  readonly what: string;
}

/** The result of one judge's `decide`, before the parts that all judges share are added. */
export interface Judgement {
  readonly status: VerdictStatus;
  readonly n: number;
  readonly needed: number;
  readonly figure?: number;
  readonly interval?: Interval | undefined;
  readonly reason: string;
  /** Shown for `warn`, `fail` and `inconclusive`; the clearest first. */
  readonly evidence?: readonly Evidence[];
  /** Shown for `warn`, `fail` and `inconclusive`. */
  readonly advice?: string;
}

/** What a judge returns; `judgeRun` adds id, question and severity. */
export interface Finding {
  readonly status: VerdictStatus;
  /** The measured value; null if nothing was measured. */
  readonly figure: number | null;
  readonly unit: string;
  /** Confidence interval of a statistical figure. */
  readonly interval?: Interval;
  /** The bounds as text, for example `warn > 2, fail > 3`. */
  readonly threshold: string;
  /** Observations made and needed. */
  readonly n: number;
  readonly needed: number;
  /** At most ten entries, the clearest first. */
  readonly evidence: readonly Evidence[];
  /** The observation with its figures. */
  readonly reason: string;
  /** What to change in the client or the run; empty if nothing. */
  readonly advice: string;
}

/** A question about a run, and the pure function that answers it. */
export interface Judge<Id extends string = string> {
  /** The client mistake it detects, as in `backoff.md`, for example `ignores-retry-after`. */
  readonly id: Id;
  readonly question: string;
  readonly defaultSeverity: Severity;
  readonly decidedBy: DecidedBy;
  /** How a scenario makes the situation arise, as one imperative sentence. */
  readonly arrange: string;
  readonly settings: Settings;
  /** `written` holds the settings from the scenario; invalid ones keep their default. */
  judge(run: Run, written?: Readonly<Record<string, unknown>>): Finding;
}

/** A finding with its question and severity. `judgeRun` returns verdicts whose ids are known (`VerdictId`). */
export interface Verdict<Id extends string = string> extends Finding {
  readonly id: Id;
  readonly question: string;
  readonly severity: Severity;
  /** Whether the scenario sets the severity; then `error` also requires that the situation arises. */
  readonly severitySource: 'scenario' | 'default';
  /** Set if a verdict decided by chance would fail with a second seed that agrees. */
  readonly wouldFail?: true;
  /** The result of repeating the run with a second seed, if it was repeated. */
  readonly secondSeed?: { readonly seed: number; readonly agrees: boolean };
}
