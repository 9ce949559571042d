/** What can be written as a literal: JSON's values. */
export type Literal = string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal };

/** A value as a Python literal. JSON's strings are Python's as well, whatever is in them; only three words differ. */
export function literal(value: Literal): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(literal).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, field]) => `${literal(key)}: ${literal(field)}`)
    .join(', ')}}`;
}

function isList(value: readonly Literal[] | { readonly [key: string]: Literal }): value is readonly Literal[] {
  return Array.isArray(value);
}

/** A tuple of literals, which has a comma also where it holds one thing. */
export function tuple(values: readonly Literal[]): string {
  return `(${values.map(literal).join(', ')}${values.length === 1 ? ',' : ''})`;
}

/** Seconds, as Python's sleep wants them, of microseconds. */
export function seconds(us: number): number {
  return us / 1e6;
}

/** Control characters and ends of lines of any kind, and halves of characters, which no file can hold. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** A text that stays in its line, whatever it holds. */
export const oneLine = (text: string): string => text.replace(NOT_IN_A_LINE, ' ');

/** Lines of comment of at most `width` columns; whatever the text holds, nothing of it gets out of the comment. */
export function comment(text: string, width = 100): string[] {
  const words = oneLine(text).split(' ').filter(Boolean);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}
