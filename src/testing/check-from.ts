import type { CheckTable } from '../check/check-table.ts';
import { type CheckOptions, check } from '../experiment/check.ts';
import type { CheckSource } from '../experiment/check-client.ts';

/** Returns `check` for a test runner: relative paths start at `folder`. */
export function checkFrom(folder: () => string): (source: CheckSource, options?: CheckOptions) => Promise<CheckTable> {
  return (source, options = {}) => check(source, { folder: folder(), ...options });
}
