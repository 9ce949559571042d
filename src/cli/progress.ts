import { terminal } from './terminal.ts';

/** Interval between progress lines if stderr is not a terminal, in milliseconds. */
const LINE_INTERVAL_MS = 10_000;

/** Interval between changes of the line in a terminal, in milliseconds. */
const CHANGE_INTERVAL_MS = 100;

/** One line on stderr that says how far something is. */
export interface ProgressLine {
  /** Shows parts of a text, the most important first; those that do not fit into the width are left out. */
  show(...parts: readonly string[]): void;
  /** Removes the line, so that other text can be printed; the next `show` brings it back. */
  clear(): void;
}

/**
 * Creates the progress of a command: a line that is rewritten in a terminal, otherwise a line every 10 s, and nothing with
 * `quiet`. Call `clear` at the end.
 */
export function createProgressLine(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const isLive = stream.isTTY === true;
  let shownMs = isLive ? Number.NEGATIVE_INFINITY : performance.now();
  let isShown = false;
  return {
    show(...parts) {
      const nowMs = performance.now();
      if (quiet || nowMs - shownMs < (isLive ? CHANGE_INTERVAL_MS : LINE_INTERVAL_MS)) return;
      shownMs = nowMs;
      isShown = isLive;
      // A line as wide as the terminal would wrap in some.
      const text = partsWithin(parts, isLive ? terminal(stream).width - 3 : Number.POSITIVE_INFINITY);
      stream.write(isLive ? `\r\u001b[K  ${text}` : `${text}\n`);
    },
    clear() {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
    },
  };
}

/** Joins as many parts as fit into a width; the first is cut if it does not fit alone. */
export function partsWithin(parts: readonly string[], width: number): string {
  const [first = '', ...others] = parts;
  let text = first.slice(0, Math.max(0, width));
  for (const part of others) {
    if (text.length + 3 + part.length > width) break;
    text += ` · ${part}`;
  }
  return text;
}
