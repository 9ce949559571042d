import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Range } from './range.ts';

/** The state of one limit in the headers of one reply. */
export interface LimitReading {
  /** Index of the reply among all observed replies, in order of time. */
  readonly index: number;
  readonly atUs: number;
  readonly unit: Unit;
  /** Distinguishes several limits on one unit: `project`, or the name of an IETF policy. */
  readonly label?: string;
  readonly limit: number;
  /** Units left, as printed. The true value, rounded down, differs by at most `rounding`. */
  readonly remaining: number;
  readonly rounding: number;
  /** Time from the reply to the reset, in microseconds. */
  readonly resetUs?: Range;
  /** The window that an IETF policy states. */
  readonly statedWindowUs?: number;
  readonly refused: boolean;
  readonly promptTokens?: number;
  readonly key: string;
  readonly model: string;
}

/** What the message and headers of one refusal say about its limit. */
export interface RefusalDetails {
  readonly index: number;
  readonly atUs: number;
  readonly unit?: Unit;
  /** The stated period of the limit, e.g. "per min". */
  readonly periodUs?: number;
  readonly limit?: number;
  readonly used?: number;
  readonly requested?: number;
  /** The requested wait, from the message or Retry-After. */
  readonly waitUs?: Range;
  /** The name of the pool that models share. */
  readonly pool?: string;
  /** The owner of the limit, if the message names it. */
  readonly owner?: 'organization' | 'project';
  readonly perModel?: boolean;
  /** Set if waiting does not help: the request exceeds the whole limit, or the budget is spent. */
  readonly permanent?: 'too-large' | 'billing';
  readonly key: string;
  readonly model: string;
}
