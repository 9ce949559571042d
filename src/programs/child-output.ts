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

/** Where the output of one of several programs goes. */
interface ProgramOutput {
  print(text: string): void;
  /** To be called when the program has ended. */
  end(): void;
}

/** Output of a program that lasts longer than this is shown as it comes. */
const HOLD_MS = 1000;
/** Texts kept to compare with. */
const MAX_TEXTS = 100;

/**
 * Shows once what several short programs print alike, as twenty programs do that lack the same import. `close` says how many
 * texts were left out.
 */
export function foldOutput(print: (text: string) => void): { program(): ProgramOutput; close(): void } {
  const shown = new Set<string>();
  let repeats = 0;
  return {
    program() {
      let held: string | undefined = '';
      let timer: NodeJS.Timeout | undefined;
      const release = (): void => {
        clearTimeout(timer);
        if (held !== undefined && held !== '') print(held);
        held = undefined;
      };
      return {
        print(text) {
          if (held === undefined) return print(text);
          held += text;
          if (held.length > MAX_ERROR_CHARS) release();
          else timer ??= setTimeout(release, HOLD_MS).unref();
        },
        end() {
          const text = held ?? '';
          if (shown.has(text)) {
            repeats++;
            held = undefined;
          } else if (text !== '' && shown.size < MAX_TEXTS) shown.add(text);
          release();
        },
      };
    },
    close() {
      if (repeats > 0) print(`quotalab: ${repeats} more ${repeats === 1 ? 'program' : 'programs'} printed the same\n`);
      repeats = 0;
    },
  };
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
