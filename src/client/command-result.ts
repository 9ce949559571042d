import type { CallError } from '../journal/call-records.ts';
import { describeExit, type Exit } from '../programs/child-output.ts';
import type { CallOutcome } from './client.ts';
import { measureOutput, readJob } from './measure-output.ts';

/** The outcome of a call by a program, without its times. */
export type CommandOutcome = Omit<CallOutcome, 'startUs' | 'endUs'>;

/** A program that prints a larger result is killed. */
export const MAX_RESULT_BYTES = 4 * 1024 * 1024;

/**
 * Converts a value printed by a program: an object with `error` (a text, or an object with any of `name`, `message`,
 * `status`, `code`) is a failure; anything else is a success, measured by `measureOutput`.
 */
export function readResult(value: unknown): CommandOutcome {
  const error = readError(value);
  return error ? { result: 'error', error, ...readJob(value) } : { result: 'ok', ...measureOutput(value) };
}

function readError(value: unknown): CallError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { error } = value as { error?: unknown };
  if (error === undefined || error === null || error === false) return undefined;
  if (typeof error !== 'object') return { name: 'error', message: String(error) };
  const { name, type, message, status, code } = error as Readonly<Record<string, unknown>>;
  return {
    name: nonEmptyText(name) ?? nonEmptyText(type) ?? 'error',
    message: nonEmptyText(message) ?? '',
    ...(typeof status === 'number' && { status }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
  };
}

function nonEmptyText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Parses the complete output of a program that ran for one call. Output without JSON is a failure that quotes it. `errors`:
 * the end of its stderr.
 */
export function parseOutput(
  output: string,
  exit: Exit,
  errors: string,
): CommandOutcome & { readonly hasResult: boolean } {
  const text = output.trim();
  const value = parseJson(text);
  const failed = exit.code !== 0;
  if (value === undefined) {
    const name = failed ? 'CommandFailed' : text === '' ? 'NoOutput' : 'NotJson';
    const what = failed
      ? describeExit(exit)
      : text === ''
        ? 'printed nothing; expected JSON on stdout'
        : 'did not print JSON';
    return { result: 'error', error: { name, message: withOutput(what, text, errors) }, hasResult: false };
  }
  const ended = readResult(value.json);
  if (!failed || ended.result === 'error') return { ...ended, hasResult: true };
  const error = { name: 'CommandFailed', message: withOutput(describeExit(exit), '', errors) };
  return { result: 'error', error, hasResult: true };
}

/**
 * Parses the whole text, the last line, or the text from the last bracket at the start of a line (multi-line output of `jq`):
 * programs may print other lines first.
 */
function parseJson(text: string): { readonly json: unknown } | undefined {
  const starts = ['\n', '\n{', '\n['].map((start) => text.lastIndexOf(start) + 1);
  for (const candidate of [text, ...starts.map((at) => text.slice(at))]) {
    try {
      return { json: JSON.parse(candidate) };
    } catch {
      // Try the next candidate.
    }
  }
  return undefined;
}

const MAX_SHOWN_CHARS = 400;

/** Adds the end of stderr, or of stdout, to a message. */
export function withOutput(message: string, output: string, errors: string): string {
  const text = errors.trim() || output.trim();
  return text === ''
    ? message
    : `${message}: ${text.length > MAX_SHOWN_CHARS ? `…${text.slice(-MAX_SHOWN_CHARS)}` : text}`;
}
