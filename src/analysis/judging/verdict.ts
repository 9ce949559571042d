import type { Severity } from '../../scenario/scenario.ts';
import type { Run } from '../run/run-view.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Settings } from './verdict-setting.ts';

/** `not-applicable`: the situation that the verdict judges never arose. `inconclusive`: too little evidence of it. */
export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'inconclusive' | 'not-applicable';

/** One attempt that proves a verdict, in words a person can check against the journal. */
export interface Evidence {
  readonly call: number | null;
  /** Journal id of the attempt; null for a call that made none. */
  readonly attempt: number | null;
  readonly atUs: number;
  /** E.g. `told to wait 2s, came back after 500ms`. */
  readonly what: string;
}

/** What a judge returns; `judgeRun` adds id, question and severity. */
export interface Finding {
  readonly status: VerdictStatus;
  /** The measured value; null where there is none. */
  readonly figure: number | null;
  readonly unit: string;
  /** Where the figure is a statistic: what it may be as well, by chance. */
  readonly interval?: Interval;
  /** The bounds as text, e.g. `warn > 2, fail > 3`. */
  readonly threshold: string;
  /** Observations it rests on, and how many it needs. */
  readonly n: number;
  readonly needed: number;
  /** At most ten, the clearest first. */
  readonly evidence: readonly Evidence[];
  /** What was seen, with the figures. */
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
  /** Rests on chance: one run can only warn, two seeds that agree fail (`backoff.md` 3.0). */
  readonly statistical: boolean;
  readonly settings: Settings;
  /** `written` holds what the scenario says of the settings; what cannot be read is left at its default. */
  judge(run: Run, written?: Readonly<Record<string, unknown>>): Finding;
}

export interface Verdict extends Finding {
  readonly id: string;
  readonly question: string;
  readonly severity: Severity;
  /** Set where a statistical verdict would fail if another seed said the same. */
  readonly wouldFail?: true;
  /** Set where the run was repeated with another seed to rule chance out, and what that said. */
  readonly secondSeed?: { readonly seed: number; readonly agrees: boolean };
}
