/** Values of attributes. */
export type Attributes = Readonly<Record<string, string | number | boolean | string[]>>;

/** A span and the spans below it; times in microseconds since the Unix epoch. */
export interface SpanShape {
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Attributes;
  /** The description of the status `error`; absent for a span that went well. */
  readonly error?: string;
  readonly children: readonly SpanShape[];
}
