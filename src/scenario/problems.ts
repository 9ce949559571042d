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
    case 'custom': {
      const { hint, ofValue } = (issue.params ?? {}) as { hint?: string; ofValue?: unknown };
      return [{ ...problem, kind: ofValue === true ? 'value' : 'check', message: issue.message, hint }];
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
    return [{ ...notOneOf(path, given, allowed), kind: 'form' }];
  }
  const [likely, ...others] = findLikelyBranches(issue.errors);
  if (likely && others.length === 0) {
    return likely.flatMap((inner) => explain(inner, [...path, ...(inner.path as Path)], input));
  }
  const words = /one of ([\w, -]+)/.exec(issue.message)?.[1]?.split(', ') ?? [];
  const message =
    given === undefined
      ? issue.message.replace(/^must be /, 'is required: ')
      : `${issue.message}, not ${formatValue(given)}`;
  const kind = given === undefined ? 'missing' : 'value';
  return [{ path, kind, message, ...suggestion(given, words), allowed: words }];
}

/** Branches that accept the type of the value; branches with unknown keys only if no other is left. */
function findLikelyBranches(branches: readonly Issue[][]): readonly Issue[][] {
  const likely = branches.filter((issues) => !issues.some((issue) => hasUnknownKeys(issue) || isOtherType(issue)));
  return likely.length > 0 ? likely : branches.filter((issues) => !issues.some(isOtherType));
}

/** Whether the keys of the value are not those of this branch, or of any branch within it. */
function hasUnknownKeys(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code !== 'invalid_union') return issue.code === 'unrecognized_keys';
  return issue.errors.every((branch) => branch.some((inner) => isOtherType(inner) || hasUnknownKeys(inner)));
}

/** Whether the issue is that the value has another type than this branch. */
function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOtherType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
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
  const message = `must be ${words.length === 1 ? '' : 'one of '}${words.join(', ')}, not ${formatValue(given)}`;
  return { ...problem, kind: 'value', message, ...suggestion(given, words) };
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
