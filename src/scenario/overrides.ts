import { parse } from 'yaml';
import { formatPath, type Path, parsePath } from './path.ts';
import type { PathProblem } from './problems.ts';

type Container = Record<string | number, unknown>;

/**
 * Copies a raw document and sets values in it: `load[0].vus` → `5`. Values are parsed as YAML; list items can be
 * addressed by their `name` (`provider.limits.requests.capacity`). Paths that do not exist are returned as problems.
 */
export function withOverrides(
  raw: unknown,
  overrides: Readonly<Record<string, string>>,
): { document: unknown; problems: PathProblem[] } {
  const document = structuredClone(raw);
  const problems = Object.entries(overrides).flatMap(([text, value]) => setAt(document, parsePath(text), parse(value)));
  return { document, problems };
}

function setAt(root: unknown, path: Path, value: unknown): PathProblem[] {
  let at = root as Container;
  for (const [depth, step] of path.slice(0, -1).entries()) {
    const key = resolveStep(at, step);
    // An override may create a missing block, but not a missing list item.
    if (at[key] === undefined && typeof step === 'string' && !Array.isArray(at)) at[key] = {};
    const next = at[key];
    if (typeof next !== 'object' || next === null) {
      return [{ path: path.slice(0, depth + 1), message: `--set ${formatPath(path)}: this path does not exist` }];
    }
    at = next as Container;
  }
  at[resolveStep(at, path.at(-1) ?? '')] = value;
  return [];
}

/** Returns the value at a path that may address list items by `name`, or undefined. */
export function namedValueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Container)[resolveStep(value as Container, step)]
        : undefined,
    root,
  );
}

function resolveStep(container: Container, step: string | number): string | number {
  if (!Array.isArray(container) || typeof step === 'number') return step;
  const index = container.findIndex((item) => (item as { name?: unknown } | null)?.name === step);
  return index < 0 ? step : index;
}
