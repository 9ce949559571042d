import { InvalidArgumentError } from 'commander';
import type { Override } from '../scenario/overrides.ts';

/** What `--journal` does. */
export const JOURNAL_OPTION =
  'path of the journal; .jsonl.gz and .jsonl.zst compress it (default: journal.jsonl in the report folder, .gz above 1 MB)';

/** Collects the values of a repeatable flag. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Collects the `path=value` settings of a repeatable flag. */
export function collectSetting(text: string, previous: readonly Override[]): Override[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be path=value');
  return [...previous, { path: text.slice(0, at).trim(), value: text.slice(at + 1) }];
}

/** Returns the changes that `--set` and `--seed` make. */
export function overridesOf(flags: { readonly set: readonly Override[]; readonly seed?: string }): readonly Override[] {
  const { set, seed } = flags;
  return seed === undefined ? set : [...set, { path: 'seed', value: seed, flag: '--seed' }];
}

export function parseWholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError(`must be at most ${Number.MAX_SAFE_INTEGER}`);
  return number;
}

/** Returns a parser of whole numbers from `min` to `max`. */
export function parseBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const count = parseWholeNumber(text);
    if (count < min) throw new InvalidArgumentError(`must be at least ${min}`);
    if (count > max) throw new InvalidArgumentError(`must be at most ${max}`);
    return count;
  };
}

/** More seeds would not end, and tell nothing more. */
const MAX_SEEDS = 1000;

/** Returns a parser of a number of seeds, at least `min`. */
export const parseSeeds = (min: number): ((text: string) => number) => parseBetween(min, MAX_SEEDS);

export function parsePositiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('must be a number above 0');
  return number;
}
