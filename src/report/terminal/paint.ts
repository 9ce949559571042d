/** Terminal colours. Without colour, each function returns its text unchanged. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  doubt(text: string): string;
  quiet(text: string): string;
  strong(text: string): string;
}

const ansi =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

const plain = (text: string): string => text;

export function paintFor(color: boolean): Paint {
  const style = (code: number): ((text: string) => string) => (color ? ansi(code) : plain);
  return { good: style(32), bad: style(31), doubt: style(33), quiet: style(90), strong: style(1) };
}
