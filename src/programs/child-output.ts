import type { ChildProcess } from 'node:child_process';

/** Exit status of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Characters of stderr kept for an error message. */
const MAX_ERROR_CHARS = 4096;

/** Passes a program's stderr to `print`. Returns a function that returns its end. */
export function captureStderr(child: ChildProcess, print: (text: string) => void): () => string {
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_ERROR_CHARS);
    print(text);
  });
  return () => errors;
}

/** Resolves with the exit status of a program, or with `cause` if it could not be started. */
export function waitForExit(child: ChildProcess): Promise<Exit | { readonly cause: Error }> {
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve({ cause }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
}
