import { printable } from '../../mock-server/redaction/printable.ts';

/** The sequences that quotalab itself writes to a terminal: its colours, and the rewriting of a line at the start of a text. */
const ESCAPE = '\u001b';
const OWN = new RegExp(`^\\r${ESCAPE}\\[K|${ESCAPE}\\[(?:0|1|31|32|33|90)m`, 'g');

/**
 * Makes a stream write only what a terminal may get: each text passes `hide`, and control characters are shown, not obeyed,
 * whatever their origin. To a terminal with colours, quotalab's own sequences go through; foreign text can at most use its
 * colours.
 */
export function guardOutput(stream: NodeJS.WriteStream, hide: (text: string) => string, hasColor: boolean): void {
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  stream.write = ((text: unknown, ...rest: readonly unknown[]) =>
    write(typeof text === 'string' ? guardText(hide(text), hasColor) : text, ...rest)) as typeof stream.write;
}

/** Returns a text with its control characters shown, except quotalab's own in a terminal with colours. */
export function guardText(text: string, hasColor: boolean): string {
  if (!hasColor) return printable(text);
  let result = '';
  let end = 0;
  for (const own of text.matchAll(OWN)) {
    result += printable(text.slice(end, own.index)) + own[0];
    end = own.index + own[0].length;
  }
  return result + printable(text.slice(end));
}
