/** Passes text on in whole lines, so that a word cut by the buffer of a pipe is seen whole. */
export interface LineOutput {
  write(text: string): void;
  /** Passes on the last line, which may lack its end. */
  end(): void;
}

/** A line is passed on in parts of this size at the latest. */
const MAX_LINE_CHARS = 64 * 1024;

/** Creates an output that calls `print` with one or more whole lines at a time. */
export function createLineOutput(print: (lines: string) => void): LineOutput {
  let rest = '';
  return {
    write(text) {
      rest += text;
      const end = rest.length > MAX_LINE_CHARS ? rest.length : rest.lastIndexOf('\n') + 1;
      if (end === 0) return;
      const lines = rest.slice(0, end);
      rest = rest.slice(end);
      print(lines);
    },
    end() {
      if (rest !== '') print(rest);
      rest = '';
    },
  };
}
