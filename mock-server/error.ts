/** One thing that is wrong with an input: where, what, and what to do about it. */
export interface Problem {
  /** Dotted path inside the input, e.g. `load[0].duration`; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number;
}

/** Whose fault an error is; the CLI maps it to an exit code (design §8): `input` 2, `tool` 1. */
export type Fault = 'input' | 'tool';

/**
 * The one error class of QuotaLab. `code` is stable and names the room and the fault, e.g. `scenario/invalid`;
 * `problems` holds every problem found, not only the first.
 */
export class QuotaLabError extends Error {
  readonly code: string;
  readonly fault: Fault;
  readonly problems: readonly Problem[];

  constructor(
    code: string,
    message: string,
    options: { fault?: Fault; problems?: readonly Problem[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'QuotaLabError';
    this.code = code;
    this.fault = options.fault ?? 'input';
    this.problems = options.problems ?? [];
  }
}
