import type { ChartSpec } from '../charts/chart-spec.ts';

/**
 * Everything that report.html shows: plain data, embedded in the page as JSON. Texts are whole sentences, so that the page only
 * lays out. Times are microseconds since the start of the run.
 */
export interface PageData {
  readonly kind: 'run' | 'seeds' | 'plan' | 'sweep' | 'comparison' | 'check';
  readonly tool: string;
  /** Scenario, recording or client. */
  readonly name: string;
  /** Seed, kind of time, length. */
  readonly facts: string;
  readonly outcome: 'passed' | 'failed' | 'incomplete' | 'answer';
  /** The result in a few words, beside the outcome. */
  readonly headline: string;
  /** What happened, in at most three sentences, each a paragraph. */
  readonly story: readonly string[];
  /** Verdicts, thresholds, rows or compared figures, in the order of their command. */
  readonly findings: readonly PageFinding[];
  readonly charts: readonly PageChart[];
  /** Why a chart is not there, a sentence each. */
  readonly leftOut: readonly string[];
  readonly tables: readonly PageTable[];
  readonly calls?: CallColumns;
  /** What was run: its settings with every default filled in, as YAML. */
  readonly scenario?: string;
  readonly again: readonly PageCommand[];
}

/** One verdict, threshold, row of a check or compared figure. */
export interface PageFinding {
  readonly name: string;
  readonly kind: 'verdict' | 'threshold' | 'comparison' | 'row';
  readonly outcome: 'passed' | 'failed' | 'warned' | 'undecided' | 'not-applicable';
  /** Whether this finding alone makes the exit code 99. */
  readonly failsRun: boolean;
  /** What was asked, as a question; absent for thresholds. */
  readonly question?: string;
  /** What was observed. */
  readonly message: string;
  readonly evidence: readonly PageEvidence[];
  /** What to change; empty if nothing. */
  readonly advice: string;
  /** Further sentences: whether a second seed agrees. */
  readonly notes: readonly string[];
}

/** One proof of a finding. `call` and `attempt` are ids of the journal. */
export interface PageEvidence {
  readonly text: string;
  readonly call?: number;
  readonly attempt?: number;
}

/** A chart as it is drawn into a PNG as well; its title is the answer that the picture gives. */
export interface PageChart extends ChartSpec {
  readonly subtitle: string;
  /** Whether x is the time since the start of the run, so that zoom and pointer are shared with the others. */
  readonly onRunTime: boolean;
}

export interface PageTable {
  readonly title: string;
  /** A sentence above the table. */
  readonly about?: string;
  readonly columns: readonly string[];
  /** Cells as text; numbers are right-aligned by the page. */
  readonly rows: readonly (readonly string[])[];
  /** Index of the row that the result is. */
  readonly marked?: number;
}

/** A command that can be copied. */
export interface PageCommand {
  readonly label: string;
  readonly command: string;
}

/**
 * Calls and their attempts by column. Words stand in `words`, and columns hold their index, -1 for none. Times are in units of
 * `unitUs`; the attempts of all calls follow each other in the order of the calls.
 */
export interface CallColumns {
  /** Calls of the run; the columns hold fewer if there are too many. */
  readonly total: number;
  readonly unitUs: number;
  readonly words: readonly string[];
  readonly id: readonly number[];
  /** Scheduled start, as the difference to the call before. */
  readonly scheduled: readonly number[];
  /** Actual start and end, counted from the scheduled start. */
  readonly started: readonly number[];
  readonly ended: readonly number[];
  readonly result: readonly number[];
  readonly error: readonly number[];
  readonly load: readonly number[];
  readonly vu: readonly number[];
  /** Number of attempts of each call. */
  readonly attempts: readonly number[];
  readonly attempt: AttemptColumns;
}

export interface AttemptColumns {
  /** Received by the provider, counted from the scheduled start of the call. */
  readonly started: readonly number[];
  /** Head and end of the reply, counted from the start of the attempt; -1 without a head. */
  readonly head: readonly number[];
  readonly ended: readonly number[];
  readonly status: readonly number[];
  /** `answered`, `refused`, `failed`, … */
  readonly ending: readonly number[];
  /** The wait that the reply requested, from its head; -1 for none. */
  readonly told: readonly number[];
  /** When the same request would have been admitted, counted from the start of the attempt; -1 for never or unknown. */
  readonly admissible: readonly number[];
  readonly model: readonly number[];
  readonly key: readonly number[];
  /** The limit that refused, or the code of the error. */
  readonly reason: readonly number[];
}
