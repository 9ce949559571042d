/** One problem in an input: where it is, what is wrong and how to fix it. */
export interface Problem {
  /** Dotted path inside the input, e.g. `load[0].duration`; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number;
}

/** Where an error originates; the CLI maps it to an exit code (design §8): `input` 2, `tool` 1. */
export type ErrorOrigin = 'input' | 'tool';

/**
 * The error class of QuotaLab. `code` is stable and names the module and the error, e.g. `scenario/invalid`; `problems`
 * lists every problem found, not only the first.
 */
export class QuotaLabError extends Error {
  readonly code: string;
  readonly origin: ErrorOrigin;
  readonly problems: readonly Problem[];

  constructor(
    code: string,
    message: string,
    options: { origin?: ErrorOrigin; problems?: readonly Problem[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'QuotaLabError';
    this.code = code;
    this.origin = options.origin ?? 'input';
    this.problems = options.problems ?? [];
  }
}
