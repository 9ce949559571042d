import type { StatedLimit, StatedRefusal } from '../../mock-server/dialects/reader.ts';

/** The state of one limit in the headers of one reply. */
export interface LimitReading extends StatedLimit {
  /** Index of the reply among all observed replies, in order of time. */
  readonly index: number;
  readonly atUs: number;
  readonly refused: boolean;
  readonly promptTokens?: number;
  readonly key: string;
  readonly model: string;
}

/** What the message and headers of one refusal say about its limit. */
export interface RefusalDetails extends StatedRefusal {
  readonly index: number;
  readonly atUs: number;
  readonly key: string;
  readonly model: string;
}
