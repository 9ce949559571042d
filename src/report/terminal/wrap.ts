/** Narrower terminals are written to as if they had this many columns. */
const LEAST_WIDTH = 60;

/** Returns the columns that texts are wrapped to in a terminal of this width. */
export function columnsOf(width: number): number {
  return Math.max(LEAST_WIDTH, width);
}

/** A space at which a line may end: not between a number and its unit, or a sign and its number. */
const BREAKS = /(?<![<>≤≥]) (?!(?:µs|ms|s|min|h|d|%)(?:\W|$))/;

/** Breaks a text at spaces into lines of at most `width` characters. A longer word gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAKS)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Wraps a text with an indent; `mark` precedes the first line. */
export function indented(text: string, width: number, indent: number, mark = ''): string[] {
  const space = ' '.repeat(indent);
  return wrap(text, width - indent - mark.length).map((line, index) =>
    index === 0 ? space + mark + line : space + ' '.repeat(mark.length) + line,
  );
}
