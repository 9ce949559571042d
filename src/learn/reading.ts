import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Range } from './range.ts';

/** What one answer's headers say of one limit. */
export interface Reading {
  /** Position of its answer among all that were observed, in order of time. */
  readonly index: number;
  readonly atUs: number;
  readonly unit: Unit;
  /** Of several limits on one unit, what tells this one apart: `project`, or the name of an IETF policy. */
  readonly label?: string;
  readonly limit: number;
  /** Units left, as printed; the true figure, rounded down, is at most `rounding` away. */
  readonly remaining: number;
  readonly rounding: number;
  /** Microseconds from the answer to the reset. */
  readonly resetUs?: Range;
  /** The window that an IETF policy states. */
  readonly statedWindowUs?: number;
  readonly refused: boolean;
  readonly promptTokens?: number;
  readonly key: string;
  readonly model: string;
}

/** What the words of one refusal say of the limit that refused. */
export interface RefusalWords {
  readonly index: number;
  readonly atUs: number;
  readonly unit?: Unit;
  /** The period that the limit is stated in, e.g. "per min". */
  readonly periodUs?: number;
  readonly limit?: number;
  readonly used?: number;
  readonly requested?: number;
  /** How long to wait, from the words or from Retry-After. */
  readonly waitUs?: Range;
  /** The name of the pool that models share. */
  readonly pool?: string;
  /** Whose limit it is, where the words say so. */
  readonly owner?: 'organization' | 'project';
  readonly perModel?: boolean;
  /** No wait helps: the request alone is larger than the limit, or the money is gone. */
  readonly hopeless?: 'too-large' | 'billing';
  readonly key: string;
  readonly model: string;
}
