import { type ErrorCode, type ErrorOrigin, errorOrigin } from './error-codes.ts';

/** One problem in an input: where it is, what is wrong and how to fix it. */
export interface Problem {
  /** Dotted path inside the input, e.g. `load[0].duration`; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number | undefined;
}

/**
 * The error class of QuotaLab. `code` is stable and names the module and the error, e.g. `scenario/invalid`
 * (docs/errors.md); `problems` lists every problem found, not only the first.
 *
 * @example
 * await run('scenario.yaml').catch((error) => {
 *   if (error instanceof QuotaLabError) for (const { path, message } of error.problems) console.error(path, message);
 * });
 */
export class QuotaLabError extends Error {
  readonly code: ErrorCode;
  readonly origin: ErrorOrigin;
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly problems?: readonly Problem[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'QuotaLabError';
    this.code = code;
    this.origin = errorOrigin(code);
    this.problems = options.problems ?? [];
  }
}
