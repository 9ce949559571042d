import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import type { VerdictId } from '../analysis/judging/judge-run.ts';
import type { ScenarioInput } from '../scenario/schema.ts';

/** What must have happened to a client before a row can be decided: an attempt of this kind. */
export interface Arises {
  /** The kind of an injected fault, as in the journal. */
  readonly fault?: string;
  /** The status of a reply. */
  readonly status?: number;
  /** Whether the attempt was refused by a limit. */
  readonly refusedByLimit?: true;
  /** Whether a stream was asked for. */
  readonly stream?: boolean;
  /** How many such attempts within a fifth of a second are needed; default: 1. */
  readonly together?: number;
}

/** The parts of a scenario that make a situation arise. Dialect, client, seed and time are added to them. */
export interface SituationParts {
  readonly provider: NonNullable<ScenarioInput['provider']>;
  readonly load: NonNullable<ScenarioInput['load']>;
  readonly call?: NonNullable<ScenarioInput['call']>;
  /** Bounds that the row has beside its verdicts, e.g. that every call is answered. */
  readonly thresholds?: NonNullable<ScenarioInput['thresholds']>;
}

/** One row of the battery: a situation, the verdicts that decide it, and what a good client does. */
export interface CheckRow {
  /** Names the row on the command line and in baselines. */
  readonly id: string;
  /** After "The client is": `refused and told to wait 2, 3 and 5 s`. */
  readonly situation: string;
  /** What a client that passes does, as an imperative. It is also the advice where only a threshold of the row fails. */
  readonly passes: string;
  readonly parts: SituationParts;
  /** The verdicts that decide the row, the most telling first, with settings that differ from their defaults. */
  readonly verdicts: { readonly [Id in VerdictId]?: Readonly<Record<string, unknown>> };
  readonly arises: Arises;
  /** A client that never meets the situation passes, e.g. since it stays within a limit; otherwise the row does not apply. */
  readonly avoidable?: true;
  /** Why the row means nothing in a dialect. */
  readonly notFor?: { readonly [Name in DialectName]?: string };
  /** For real time: shorter parts, or why the row needs clocks that jump. Absent: the same parts. */
  readonly inRealTime?: Partial<SituationParts> | string;
}
