import { InvalidArgumentError } from 'commander';

/** Gathers a flag that may come again. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Gathers `path=value` settings of a flag that may come again. */
export function collectSetting(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be path=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

/** A whole number that is not below `least`. */
export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const count = wholeNumber(text);
    if (count < least) throw new InvalidArgumentError(`must be at least ${least}`);
    return count;
  };
}

export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('must be a number above 0');
  return number;
}
