import { printable } from '../../mock-server/redaction/printable.ts';

const ESCAPE = '\u001b';

/** The sequences that quotalab itself writes to a terminal: the rewriting of a line at the start of a text, and its colours. */
const REWRITE = new RegExp(`^\\r${ESCAPE}\\[K`);
const COLORS = new RegExp(`${ESCAPE}\\[(?:0|1|31|32|33|90)m`, 'g');

/** What a stream may do with a terminal. */
export interface Allowed {
  readonly color: boolean;
  /** Whether its line may be rewritten. */
  readonly rewrite: boolean;
}

/**
 * Makes a stream write only what a terminal may get: each text passes `hide`, and control characters are shown, not obeyed,
 * whatever their origin. Of quotalab's own sequences those go through that are allowed; foreign text can at most use its
 * colours.
 */
export function guardOutput(stream: NodeJS.WriteStream, hide: (text: string) => string, allowed: () => Allowed): void {
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  stream.write = ((text: unknown, ...rest: readonly unknown[]) =>
    write(typeof text === 'string' ? guardText(hide(text), allowed()) : text, ...rest)) as typeof stream.write;
}

/** Returns a text with its control characters shown, except quotalab's own that are allowed. */
export function guardText(text: string, { color, rewrite }: Allowed): string {
  const [start = ''] = (rewrite && REWRITE.exec(text)) || [];
  const body = text.slice(start.length);
  if (!color) return start + printable(body);
  let result = start;
  let end = 0;
  for (const own of body.matchAll(COLORS)) {
    result += printable(body.slice(end, own.index)) + own[0];
    end = own.index + own[0].length;
  }
  return result + printable(body.slice(end));
}
