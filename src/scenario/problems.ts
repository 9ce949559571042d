import type { z } from 'zod';
import { type Path, valueAt } from './path.ts';
import { nearestName, suggestName } from './suggest-name.ts';

/** A problem with an unformatted path, so that its line can be looked up. */
export interface PathProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The flag that made it, in place of a path: `--set load.vus`. */
  readonly flag?: string;
}

/** A problem that a schema found, and how the value could be mended to find what it hides. */
export interface FoundProblem extends PathProblem {
  /**
   * What is wrong: `unknown`: the key; `form`: the name that says which keys a block has; `missing`, `value`: the value;
   * `check`: how it goes with other values.
   */
  readonly kind: 'unknown' | 'form' | 'missing' | 'value' | 'check';
  /** What was likely meant: the name of the key if it is unknown, else the value. */
  readonly meant?: string | undefined;
  /** Values that are allowed here; empty if they are not listed. */
  readonly allowed: readonly unknown[];
}

type Issue = z.core.$ZodIssue;

/** Converts zod issues to problems with what is needed to mend the input. */
export function foundProblems(error: z.ZodError, input: unknown): FoundProblem[] {
  return error.issues.flatMap((issue) => explain(issue, issue.path as Path, input));
}

function explain(issue: Issue, path: Path, input: unknown): FoundProblem[] {
  const given = valueAt(input, path);
  const problem = { path, kind: 'value', allowed: [] } as const;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key, issue.message.split(', ')));
    case 'invalid_union':
      return explainUnion(issue, path, input);
    case 'invalid_value':
      return [notOneOf(path, given, issue.values)];
    case 'invalid_type':
      if (given === undefined) return [{ ...problem, kind: 'missing', message: 'is required' }];
      return [
        {
          ...problem,
          message: `must be ${withArticle(issue.expected)}, not ${formatValue(given)}`,
          hint: issue.expected === 'array' && isWords(given) ? `[${given.trim().split(/\s+/).join(', ')}]` : undefined,
        },
      ];
    case 'too_small': {
      const minimum = Number(issue.minimum);
      return [{ ...problem, message: describeMinimum(issue.origin, minimum), allowed: [minimum] }];
    }
    case 'too_big': {
      const maximum = Number(issue.maximum);
      return [{ ...problem, message: describeMaximum(issue.origin, maximum), allowed: [maximum] }];
    }
    case 'invalid_key':
      return issue.issues.flatMap((ofKey) => explain(ofKey, path, input));
    case 'custom': {
      const { hint, ofValue, example } = (issue.params ?? {}) as { hint?: string; ofValue?: true; example?: unknown };
      const allowed = example === undefined ? [] : [example];
      return [{ ...problem, kind: ofValue ? 'value' : 'check', message: issue.message, hint, allowed }];
    }
    default:
      return [{ ...problem, message: issue.message }];
  }
}

/** Words separated by spaces, such as `python3 client.py`, that are likely meant as a list. */
function isWords(given: unknown): given is string {
  return typeof given === 'string' && /^[\w./=-]+(\s+[\w./=-]+)*$/.test(given.trim());
}

function describeMinimum(origin: string, minimum: number): string {
  if (origin === 'array') return `must have at least ${minimum} ${minimum === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`;
  return `must be at least ${minimum}`;
}

function describeMaximum(origin: string, maximum: number): string {
  if (origin === 'array') return `must have at most ${maximum} ${maximum === 1 ? 'entry' : 'entries'}`;
  return origin === 'string' ? `must have at most ${maximum} characters` : `must be at most ${maximum}`;
}

/**
 * A union fails with the issues of all its branches, of which only the intended branch helps: the one that accepts the
 * type of the value. If no branch or several do, the message of the union itself is used.
 */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, input: unknown): FoundProblem[] {
  const given = valueAt(input, path);
  const names = (issue as { options?: unknown[] }).options;
  if (names) {
    const allowed = names.filter((name) => name !== undefined && name !== null);
    const misspelt = given === undefined ? misspeltForm(path, input) : undefined;
    if (misspelt) return [misspelt];
    return [{ ...notOneOf(path, given, allowed), kind: 'form' }];
  }
  const meant = findMeantBranch(flattenBranches(issue.errors), given);
  if (meant) return meant.flatMap((inner) => explain(inner, [...path, ...(inner.path as Path)], input));
  const words = /one of ([\w, -]+)/.exec(issue.message)?.[1]?.split(', ') ?? [];
  const wanted = issue.message === UNWORDED ? describeTypes(flattenBranches(issue.errors)) : issue.message;
  const kind = given === undefined ? 'missing' : 'value';
  const suggested = suggestion(given, words);
  const message =
    given === undefined
      ? wanted.replace(/^must be /, 'is required: ')
      : suggested.meant === undefined
        ? `${wanted}, not ${formatValue(given)}`
        : `unknown value ${formatValue(given)}`;
  return [{ path, kind, message, ...suggested, allowed: words }];
}

/** The key of a block that is nearly the one which says what form the block has: `exectuor`. */
function misspeltForm(path: Path, input: unknown): FoundProblem | undefined {
  const name = String(path.at(-1));
  const keys = Object.keys(valueAt(input, path.slice(0, -1)) ?? {});
  const key = keys.find((one) => nearestName(one, [name]) !== undefined);
  return key === undefined ? undefined : unknownKey([...path.slice(0, -1), key], key, [name]);
}

/** What zod says of a union without a message of its own. */
const UNWORDED = 'Invalid input';

/** `must be a string, a number or a boolean`, from the types of the branches of a union. */
function describeTypes(branches: readonly Issue[][]): string {
  const types = branches.flatMap(([first]) => (first?.code === 'invalid_type' ? [withArticle(first.expected)] : []));
  const list = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(new Set(types));
  return types.length === 0 ? 'is invalid' : `must be ${list}`;
}

/** The branches of a union, and of unions that are its branches. */
function flattenBranches(branches: readonly Issue[][]): readonly Issue[][] {
  return branches.flatMap((issues) => {
    const [first, ...others] = issues;
    const isUnion = first?.code === 'invalid_union' && first.path.length === 0 && others.length === 0;
    return isUnion && first.errors.length > 0 ? flattenBranches(first.errors) : [issues];
  });
}

/**
 * Returns the branch that a value is meant for: the only one that accepts its type, of several the one whose keys it has, or
 * nearly has. Undefined if that is not clear.
 */
function findMeantBranch(branches: readonly Issue[][], given: unknown): readonly Issue[] | undefined {
  const likely = branches.filter((issues) => !issues.some(isOtherType));
  if (likely.length < 2) return likely[0];
  const strange = likely.map((issues) => ({ issues, count: countStrangeKeys(issues, given) }));
  const fewest = Math.min(...strange.map(({ count }) => count));
  const nearest = strange.filter(({ count }) => count === fewest).map(({ issues }) => issues);
  if (nearest.length === 1) return nearest[0];
  const misspelt = nearest.filter((issues) => issues.some(hasMisspeltKey));
  return misspelt.length === 1 ? misspelt[0] : undefined;
}

/** How many keys of the value the branch does not know, and how many of its own are missing. */
function countStrangeKeys(issues: readonly Issue[], given: unknown): number {
  const counts = issues.map((issue): number => {
    if (issue.path.length === 0) return issue.code === 'unrecognized_keys' ? issue.keys.length : 0;
    return issue.path.length === 1 && valueAt(given, issue.path as Path) === undefined ? 1 : 0;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function hasMisspeltKey(issue: Issue): boolean {
  const isUnknown = issue.code === 'unrecognized_keys' && issue.path.length === 0;
  return isUnknown && issue.keys.some((key) => nearestName(key, issue.message.split(', ')) !== undefined);
}

/** Whether the issue is that the value has another type than this branch. */
function isOtherType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** A key that is nearly an allowed one names that one alone. */
function unknownKey(path: Path, key: string, allowed: readonly string[]): FoundProblem {
  const { hint, meant } = suggestion(key, allowed);
  const message = meant === undefined ? `unknown key; allowed here: ${allowed.join(', ')}` : 'unknown key';
  return { path, kind: 'unknown', message, hint, meant, allowed: [] };
}

function notOneOf(path: Path, given: unknown, values: readonly unknown[]): FoundProblem {
  const words = values.map(String);
  const problem = { path, allowed: values };
  if (given === undefined) return { ...problem, kind: 'missing', message: `is required: one of ${words.join(', ')}` };
  const suggested = suggestion(given, words);
  const valid = `must be ${words.length === 1 ? '' : 'one of '}${words.join(', ')}, not ${formatValue(given)}`;
  const message = suggested.meant === undefined ? valid : `unknown value ${formatValue(given)}`;
  return { ...problem, kind: 'value', message, ...suggested };
}

function suggestion(given: unknown, allowed: readonly string[]): { hint?: string; meant?: string } {
  if (typeof given !== 'string') return {};
  const meant = nearestName(given, allowed);
  return meant === undefined ? {} : { ...suggestName(given, allowed), meant };
}

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  return JSON.stringify(value) ?? String(value);
}
