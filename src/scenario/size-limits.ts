import { formatPath, type Path } from './path.ts';
import type { PathProblem } from './problems.ts';

/** A larger file is refused before it is parsed: its YAML alone would take many seconds. */
export const MAX_FILE_CHARS = 512 * 1024;

const MAX_ENTRIES = 1000;

/** Blocks that need fewer entries, each of which is looked at in many ways, or that may have more. */
const MAX_ENTRIES_AT: Readonly<Record<string, number>> = {
  load: 100,
  'provider.limits': 100,
  'provider.keys': 100_000,
  'provider.models': 100_000,
  'provider.answer.rules': 10_000,
};

interface SizedDocument {
  /** The document, with one entry left of each list or block that has too many. */
  readonly document: unknown;
  readonly problems: readonly PathProblem[];
}

/** Finds lists and blocks with more entries than any scenario needs, and shortens them, so that the rest can be checked. */
export function withoutExcess(document: unknown): SizedDocument {
  const problems: PathProblem[] = [];
  const seen = new Map<object, unknown>();
  const shorten = (value: unknown, path: Path): unknown => {
    if (!isBlock(value)) return value;
    // Aliases of YAML stand for one value, which may even contain itself.
    if (seen.has(value)) return seen.get(value);
    const entries = Object.entries(value);
    const max = MAX_ENTRIES_AT[formatPath(path)] ?? MAX_ENTRIES;
    const isList = Array.isArray(value);
    const kept = entries.length > max ? entries.slice(0, 1) : entries;
    if (kept !== entries) {
      problems.push({
        path,
        message: `must have at most ${max} ${isList ? 'entries' : 'keys'}, not ${entries.length}`,
      });
    }
    const copy: Record<string, unknown> | unknown[] = isList ? [] : {};
    seen.set(value, copy);
    for (const [key, inner] of kept) {
      const step = isList ? Number(key) : key;
      // Defined, not assigned: a key may be `__proto__`.
      const described = {
        value: shorten(inner, [...path, step]),
        enumerable: true,
        writable: true,
        configurable: true,
      };
      Object.defineProperty(copy, key, described);
    }
    return copy;
  };
  return { document: shorten(document, []), problems };
}

/** Whether a value is a list or a plain object; a module may hold others. */
function isBlock(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
