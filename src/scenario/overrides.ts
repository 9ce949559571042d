import { parse } from 'yaml';
import { type Path, parsePath, pathText } from './path.ts';
import type { PathProblem } from './problems.ts';

type Container = Record<string | number, unknown>;

/**
 * A copy of a raw document with values put in: `load[0].vus` → `5`. Values are read as YAML; items of a list can be
 * named by their `name` (`provider.limits.requests.capacity`). What leads nowhere is a problem.
 */
export function withOverrides(
  raw: unknown,
  overrides: Readonly<Record<string, string>>,
): { document: unknown; problems: PathProblem[] } {
  const document = structuredClone(raw);
  const problems = Object.entries(overrides).flatMap(([text, value]) => put(document, parsePath(text), parse(value)));
  return { document, problems };
}

function put(root: unknown, path: Path, value: unknown): PathProblem[] {
  let at = root as Container;
  for (const [depth, step] of path.slice(0, -1).entries()) {
    const key = stepIn(at, step);
    // A block that the file leaves out may be opened by an override; an item of a list may not.
    if (at[key] === undefined && typeof step === 'string' && !Array.isArray(at)) at[key] = {};
    const next = at[key];
    if (typeof next !== 'object' || next === null) {
      return [{ path: path.slice(0, depth + 1), message: `--set ${pathText(path)}: there is nothing here to set` }];
    }
    at = next as Container;
  }
  at[stepIn(at, path.at(-1) ?? '')] = value;
  return [];
}

/** The value at a path in which items of a list may be named; undefined where there is none. */
export function namedValueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Container)[stepIn(value as Container, step)] : undefined,
    root,
  );
}

function stepIn(container: Container, step: string | number): string | number {
  if (!Array.isArray(container) || typeof step === 'number') return step;
  const index = container.findIndex((item) => (item as { name?: unknown } | null)?.name === step);
  return index < 0 ? step : index;
}
