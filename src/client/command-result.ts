import type { CallError } from '../journal/record.ts';
import type { CallOutcome } from './client.ts';
import { outputOf } from './output-of.ts';

/** How a call of a program ended, apart from when. */
export type Ended = Omit<CallOutcome, 'startUs' | 'endUs'>;

/** More than this much of one result is not read; a program that prints it is not waited for. */
export const MOST_RESULT_BYTES = 4 * 1024 * 1024;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * What a value that a program printed says of its call: an object with `error` (a text, or an object with any of `name`,
 * `message`, `status`, `code`) is a failure; anything else a success, of which `outputOf` reads the size.
 */
export function endedWith(value: unknown): Ended {
  const error = errorIn(value);
  return error ? { result: 'error', error } : { result: 'ok', ...outputOf(value) };
}

function errorIn(value: unknown): CallError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { error } = value as { error?: unknown };
  if (error === undefined || error === null || error === false) return undefined;
  if (typeof error !== 'object') return { name: 'error', message: String(error) };
  const { name, type, message, status, code } = error as Readonly<Record<string, unknown>>;
  return {
    name: textOf(name) ?? textOf(type) ?? 'error',
    message: textOf(message) ?? '',
    ...(typeof status === 'number' && { status }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * What the whole output of a program that was started for one call says. Without JSON there is no result: what was printed
 * instead is shown. `errors` is the end of what it said on stderr.
 */
export function resultOf(output: string, exit: Exit, errors: string): Ended & { readonly hasResult: boolean } {
  const text = output.trim();
  const value = parsed(text);
  const failed = exit.code !== 0;
  if (value === undefined) {
    const name = failed ? 'CommandFailed' : text === '' ? 'NoOutput' : 'NotJson';
    const what = failed
      ? exitText(exit)
      : text === ''
        ? 'printed nothing; a result is JSON on stdout'
        : 'printed no JSON at its end';
    return { result: 'error', error: { name, message: withShown(what, text, errors) }, hasResult: false };
  }
  const ended = endedWith(value.json);
  if (!failed || ended.result === 'error') return { ...ended, hasResult: true };
  const error = { name: 'CommandFailed', message: withShown(exitText(exit), '', errors) };
  return { result: 'error', error, hasResult: true };
}

/**
 * A result may have anything before it, as programs print that they begin: where all is no JSON the last line is, or what
 * begins at the left edge with a bracket, as what `jq` writes over several lines.
 */
function parsed(text: string): { readonly json: unknown } | undefined {
  const starts = ['\n', '\n{', '\n['].map((start) => text.lastIndexOf(start) + 1);
  for (const candidate of [text, ...starts.map((at) => text.slice(at))]) {
    try {
      return { json: JSON.parse(candidate) };
    } catch {
      // The next may be.
    }
  }
  return undefined;
}

export function exitText({ code, signal }: Exit): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
}

const MOST_SHOWN = 400;

/** What happened, and the last that the program said of it. */
export function withShown(what: string, output: string, errors: string): string {
  const said = errors.trim() || output.trim();
  return said === '' ? what : `${what}: ${said.length > MOST_SHOWN ? `…${said.slice(-MOST_SHOWN)}` : said}`;
}
