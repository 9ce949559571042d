/** Breaks a text into lines of at most `width` characters at its spaces; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Wraps a text behind an indent; `mark` stands before its first line. */
export function indented(text: string, width: number, indent: number, mark = ''): string[] {
  const space = ' '.repeat(indent);
  return wrap(text, width - indent - mark.length).map((line, index) =>
    index === 0 ? space + mark + line : space + ' '.repeat(mark.length) + line,
  );
}
