/** The values that `literal` supports: JSON values. */
export type Literal = string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal };

/** Formats a value as a Python literal. JSON strings are valid Python; only null, true and false differ. */
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

/** Formats a Python tuple of literals; a single value needs a trailing comma. */
export function tuple(values: readonly Literal[]): string {
  return `(${values.map(literal).join(', ')}${values.length === 1 ? ',' : ''})`;
}

/** Converts microseconds to seconds. */
export function seconds(us: number): number {
  return us / 1e6;
}

/** Control characters, line separators, and unpaired surrogates, which UTF-8 cannot encode. */
const UNSAFE_IN_A_LINE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Replaces everything that could end a line or break the encoding. */
export const oneLine = (text: string): string => text.replace(UNSAFE_IN_A_LINE, ' ');

/** Wraps a text into Python comment lines of at most `width` columns. No text can escape the comment. */
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
