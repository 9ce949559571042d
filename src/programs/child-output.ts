import type { ChildProcess } from 'node:child_process';
import type { Exit } from '../client/command-result.ts';

/** Characters of stderr that are kept for an error's message. */
const MOST_ERRORS = 4096;

/** Passes on what a program says on stderr; tells the last of it. */
export function errorsOf(child: ChildProcess, print: (text: string) => void): () => string {
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MOST_ERRORS);
    print(text);
  });
  return () => errors;
}

/** Resolves when a program has ended, or could not be started. */
export function exitOf(child: ChildProcess): Promise<Exit | { readonly cause: Error }> {
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve({ cause }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
