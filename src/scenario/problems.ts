import type { z } from 'zod';
import { meantName } from './meant-name.ts';
import { type Path, valueAt } from './path.ts';

/** A problem whose path is still in steps, so that its line can be found. */
export interface PathProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

type Issue = z.core.$ZodIssue;

/** Every problem that zod found, in words: what is allowed, what was given, and the name that was meant. */
export function problemsOf(error: z.ZodError, input: unknown): PathProblem[] {
  return error.issues.flatMap((issue) => explain(issue, issue.path as Path, input));
}

function explain(issue: Issue, path: Path, input: unknown): PathProblem[] {
  const given = valueAt(input, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key, issue.message.split(', ')));
    case 'invalid_union':
      return explainUnion(issue, path, input);
    case 'invalid_value':
      return [oneOf(path, given, issue.values.map(String))];
    case 'invalid_type':
      return [
        {
          path,
          message: given === undefined ? 'is required' : `must be ${article(issue.expected)}, not ${shown(given)}`,
          ...(issue.expected === 'array' && isWords(given) && { hint: `[${given.trim().split(/\s+/).join(', ')}]` }),
        },
      ];
    case 'too_small':
      return [
        {
          path,
          message: tooSmall(issue.origin, Number(issue.minimum)),
        },
      ];
    case 'custom': {
      const hint = issue.params?.hint as string | undefined;
      return [{ path, message: issue.message, ...(hint !== undefined && { hint }) }];
    }
    default:
      return [{ path, message: issue.message }];
  }
}

/** Words in a row, where a list of them is meant: `python3 client.py`. */
function isWords(given: unknown): given is string {
  return typeof given === 'string' && /^[\w./=-]+(\s+[\w./=-]+)*$/.test(given.trim());
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'array') return `must have at least ${minimum} ${minimum === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`;
  return `must be at least ${minimum}`;
}

/**
 * A union fails with the problems of all its branches. Only those of the branch that the value was meant for help: the
 * one that did not already fail on the value's own type. Where none or several are left, the union's own words.
 */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, input: unknown): PathProblem[] {
  const given = valueAt(input, path);
  const names = (issue as { options?: unknown[] }).options;
  if (names) return [oneOf(path, given, names.filter((name) => name !== undefined && name !== null).map(String))];
  const [meant, ...others] = branchesMeant(issue.errors);
  if (meant && others.length === 0) {
    return meant.flatMap((inner) => explain(inner, [...path, ...(inner.path as Path)], input));
  }
  const words = /one of ([\w, -]+)/.exec(issue.message)?.[1]?.split(', ');
  return [
    {
      path,
      message: `${issue.message}, not ${shown(given)}`,
      ...(words && typeof given === 'string' && meantName(given, words)),
    },
  ];
}

/** A key that is unknown speaks against a branch only while there is another. */
function branchesMeant(branches: readonly Issue[][]): readonly Issue[][] {
  const meant = branches.filter((issues) => !issues.some((issue) => hasUnknownKeys(issue) || isOtherType(issue)));
  return meant.length > 0 ? meant : branches.filter((issues) => !issues.some(isOtherType));
}

function hasUnknownKeys({ path, code }: Issue): boolean {
  return path.length === 0 && code === 'unrecognized_keys';
}

/** Whether an issue says that the value is not of this branch at all. */
function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOtherType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function unknownKey(path: Path, key: string, allowed: readonly string[]): PathProblem {
  return { path, message: `unknown key; allowed here: ${allowed.join(', ')}`, ...meantName(key, allowed) };
}

function oneOf(path: Path, given: unknown, allowed: readonly string[]): PathProblem {
  if (given === undefined) return { path, message: `is required: one of ${allowed.join(', ')}` };
  const message = `must be ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}, not ${shown(given)}`;
  return { path, message, ...(typeof given === 'string' && meantName(given, allowed)) };
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  return JSON.stringify(value) ?? String(value);
}
