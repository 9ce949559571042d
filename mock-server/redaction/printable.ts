/**
 * Control characters, which a terminal would obey: C0 and C1 without tab and line feed, and those that change the direction of
 * text or hide in it.
 */
const CONTROL = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Returns the text with each control character written as JSON writes it (`\u001b`), and its lines ended by a line feed. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Returns a copy of a value of plain objects and lists with all its texts, and the names of fields, printable. */
export function printableIn(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [printable(name), printableIn(field)]));
}
