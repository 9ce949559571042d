import { formatPath, type Path } from '../../../src/scenario/path.ts';

/** A scenario as YAML, and the line of each of its paths. */
export interface Written {
  readonly text: string;
  /** 1-based line of a path, or of what is nearest above it. */
  lineOf(path: Path): number;
}

/** Writes a document as YAML, one line for each key or entry, and notes the lines: the product has no part in it. */
export function writeYaml(document: unknown): Written {
  const lines: string[] = [];
  const places = new Map<string, number>();
  const write = (value: unknown, path: Path, prefix: string, indent: string): void => {
    places.set(formatPath(path), lines.length + 1);
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (entries.length === 0) {
      lines.push(`${prefix} ${JSON.stringify(value)}`);
      return;
    }
    // The first key of an entry stands on the line of its dash.
    const isEntry = prefix.endsWith('-') && !Array.isArray(value);
    if (path.length > 0 && !isEntry) lines.push(prefix);
    for (const [at, [key, inner]] of entries.entries()) {
      const step = Array.isArray(value) ? Number(key) : key;
      const margin = isEntry && at === 0 ? `${prefix} ` : indent;
      const mark = Array.isArray(value) ? '-' : `${JSON.stringify(key)}:`;
      write(inner, [...path, step], `${margin}${mark}`, `${indent}  `);
    }
  };
  write(document, [], '', '');
  return {
    text: `${lines.join('\n')}\n`,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = places.get(formatPath(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}
