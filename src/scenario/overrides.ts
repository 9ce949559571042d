import { parseYamlValue } from './document.ts';
import { nearestPath } from './known-paths.ts';
import { formatPath, isWithin, type Path, parseExactPath } from './path.ts';
import type { PathProblem } from './problems.ts';
import { expandShortForm } from './short-forms.ts';

type Container = Record<string | number, unknown>;

/** A change of a scenario before it is parsed. */
export interface Override {
  /** `load[0].vus`; list items can be addressed by their `name`: `provider.limits.requests.capacity`. */
  readonly path: string;
  /** Text that is parsed as YAML. Absent: the path must be right, and keeps its value. */
  readonly value?: string;
  /** The flag as it is written, without the value: `--seed`. Default: `--set` and the path. */
  readonly flag?: string;
}

/** Changes by path, or a list of them, in which one path must not come twice. */
export type Overrides = Readonly<Record<string, string>> | readonly Override[];

/** A changed document. */
export interface Overridden {
  readonly document: unknown;
  /** Paths that are wrong, values that cannot be read, and changes of which one undoes the other. */
  readonly problems: readonly PathProblem[];
  /** Blames a problem on the flag that set its path, or what lies above it: `--set load[0].vus=0`. */
  withFlag(problem: PathProblem): PathProblem;
}

interface Change {
  readonly override: Override;
  readonly path: Path;
  /** The path, and the blocks above it that the change created. */
  readonly made: readonly Path[];
}

/** Returns the changes as a list. */
export function listOverrides(overrides: Overrides): readonly Override[] {
  if (Array.isArray(overrides)) return overrides as readonly Override[];
  return Object.entries(overrides as Readonly<Record<string, string>>).map(([path, value]) => ({ path, value }));
}

/** Returns the changes with values set that replace those of the same path. */
export function replaceOverrides(overrides: Overrides, values: Readonly<Record<string, string>>): readonly Override[] {
  const kept = listOverrides(overrides).filter(({ path }) => !(path in values));
  return [...kept, ...listOverrides(values)];
}

/** Copies a raw document and makes changes in it. */
export function withOverrides(raw: unknown, overrides: Overrides): Overridden {
  const document = structuredClone(raw);
  const problems: PathProblem[] = [];
  const changes: Change[] = [];
  for (const override of listOverrides(overrides)) {
    const made = change(document, override);
    if ('message' in made) problems.push(made);
    else {
      problems.push(...findConflicts(changes, made));
      changes.push(made);
    }
  }
  return { document, problems, withFlag: (problem) => blame(problem, changes, raw) };
}

/** The last change counts that set the path of the problem. */
function blame(problem: PathProblem, changes: readonly Change[], document: unknown): PathProblem {
  const cause = changes.findLast(({ made }) => made.some((path) => isWithin(problem.path, path)));
  if (problem.flag !== undefined || !cause) return problem;
  const flag = describeOverride(cause.override);
  if (isWithin(problem.path, cause.path)) {
    const inside = formatPath(problem.path.slice(cause.path.length));
    return { ...problem, flag: inside === '' ? flag : `${flag} ${inside}` };
  }
  const nearest = nearestPath(document, formatPath(cause.path));
  return { ...problem, flag, ...(nearest !== undefined && { hint: `did you mean ${nearest}?` }) };
}

const flagOf = ({ flag, path }: Override): string => flag ?? `--set ${path}`;

function describeOverride(override: Override): string {
  const flag = flagOf(override);
  return override.value === undefined ? flag : `${flag}${flag.includes(' ') ? '=' : ' '}${override.value}`;
}

/** A change that sets what an earlier one set, or a block in which an earlier one set something. */
function findConflicts(earlier: readonly Change[], { path, override }: Change): PathProblem[] {
  if (override.value === undefined) return [];
  return earlier
    .filter((other) => other.made.length > 0 && isWithin(other.path, path))
    .map((other) => {
      const message =
        other.path.length === path.length
          ? `sets ${formatPath(path)} again, after ${describeOverride(other.override)}`
          : `replaces what ${describeOverride(other.override)} has set`;
      return { path: [], flag: describeOverride(override), message };
    });
}

function change(document: unknown, override: Override): Change | PathProblem {
  const fail = (message: string): PathProblem => {
    const nearest = nearestPath(document, override.path);
    const hint = nearest === undefined ? undefined : `did you mean ${nearest}?`;
    return { path: [], flag: flagOf(override), message, hint };
  };
  const written = parseExactPath(override.path);
  if (!written || written.includes('__proto__')) return fail('is not a path such as load[0].vus');
  if (typeof document !== 'object' || document === null) return { override, path: written, made: [] };
  const value = override.value === undefined ? undefined : readValue(override.value);
  if (value && 'unreadable' in value) {
    return { path: [], flag: describeOverride(override), message: `is not valid YAML: ${value.unreadable}` };
  }
  const found = walk(document as Container, written, value !== undefined);
  if (typeof found === 'string') return fail(found);
  if (value && found.at) found.at[found.path.at(-1)!] = value.value;
  return { override, path: found.path, made: value ? [...found.created, found.path] : [] };
}

function readValue(text: string): { readonly value: unknown } | { readonly unreadable: string } {
  try {
    return { value: parseYamlValue(text) };
  } catch (error) {
    return { unreadable: (error as Error).message.split('\n', 1)[0]!.replace(/ at line 1.*$/, '') };
  }
}

interface Place {
  readonly path: Path;
  readonly created: readonly Path[];
  /** What contains the last step; absent if the path ends in a block that does not exist. */
  readonly at?: Container;
}

/** What was put into a block on the way to a place. */
interface Replaced {
  readonly block: Container;
  readonly key: string | number;
  readonly before: unknown;
}

/**
 * Follows a path, whose missing blocks are created if `creates`. Returns the place, or why there is none; the document is then as
 * it was.
 */
function walk(document: Container, written: Path, creates: boolean): Place | string {
  let at = document;
  const path: (string | number)[] = [];
  const created: Path[] = [];
  const replaced: Replaced[] = [];
  const fail = (reason: string): string => {
    for (const { block, key, before } of replaced.reverse()) {
      if (before === undefined) delete block[key];
      else block[key] = before;
    }
    return reason;
  };
  const replace = (key: string | number, value: unknown): void => {
    replaced.push({ block: at, key, before: at[key] });
    at[key] = value;
  };
  for (const [depth, step] of written.entries()) {
    const isLast = depth === written.length - 1;
    const key = resolveStep(at, step);
    const wrong = stepProblem(at, step, key, { path, mayAppend: isLast && creates });
    if (wrong !== undefined) return fail(wrong);
    path.push(key);
    if (isLast) break;
    if (!Object.hasOwn(at, key) || at[key] === undefined || at[key] === null) {
      if (!creates) return { path: written, created };
      replace(key, typeof written[depth + 1] === 'number' ? [] : {});
      created.push([...path]);
    }
    if (typeof at[key] !== 'object') {
      const expanded = expandShortForm(path, at[key]);
      if (!expanded) return fail(`${formatPath(path)} is ${JSON.stringify(at[key])}: it has no keys`);
      replace(key, expanded);
    }
    at = at[key] as Container;
  }
  return { path, created, at };
}

function stepProblem(
  at: Container,
  step: string | number,
  key: string | number,
  { path, mayAppend }: { readonly path: Path; readonly mayAppend: boolean },
): string | undefined {
  const name = formatPath(path);
  if (!Array.isArray(at)) return typeof step === 'number' ? `${name || 'a scenario'} is not a list` : undefined;
  if (typeof key === 'string') {
    const names = at.flatMap((item) => nameOf(item) ?? []);
    const which = names.length === 0 ? '' : `, and has no entry named ${key}; names are ${names.join(', ')}`;
    return `${name} is a list${which}`;
  }
  if (key < at.length || (mayAppend && key === at.length)) return undefined;
  if (at.length === 0) return `${name} has no entries`;
  return at.length === 1 ? `${name} has one entry, ${name}[0]` : `${name} ends with ${name}[${at.length - 1}]`;
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
  const index = container.findIndex((item) => nameOf(item) === step);
  return index < 0 ? step : index;
}

function nameOf(item: unknown): string | undefined {
  const name = (item as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : undefined;
}
