import type { z } from 'zod';
import { type Path, valueAt } from './path.ts';
import { suggestName } from './suggest-name.ts';

/** A problem with an unformatted path, so that its line can be looked up. */
export interface PathProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
}

type Issue = z.core.$ZodIssue;

/** Converts zod issues to problems: what is allowed, what was given, and a suggested name. */
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
      return [notOneOf(path, given, issue.values.map(String))];
    case 'invalid_type':
      return [
        {
          path,
          message:
            given === undefined ? 'is required' : `must be ${withArticle(issue.expected)}, not ${formatValue(given)}`,
          hint: issue.expected === 'array' && isWords(given) ? `[${given.trim().split(/\s+/).join(', ')}]` : undefined,
        },
      ];
    case 'too_small':
      return [
        {
          path,
          message: describeMinimum(issue.origin, Number(issue.minimum)),
        },
      ];
    case 'custom': {
      return [{ path, message: issue.message, hint: issue.params?.hint as string | undefined }];
    }
    default:
      return [{ path, message: issue.message }];
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

/**
 * A union fails with the issues of all its branches, of which only the intended branch helps: the one that accepts the
 * type of the value. If no branch or several do, the message of the union itself is used.
 */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, input: unknown): PathProblem[] {
  const given = valueAt(input, path);
  const names = (issue as { options?: unknown[] }).options;
  if (names) return [notOneOf(path, given, names.filter((name) => name !== undefined && name !== null).map(String))];
  const [likely, ...others] = findLikelyBranches(issue.errors);
  if (likely && others.length === 0) {
    return likely.flatMap((inner) => explain(inner, [...path, ...(inner.path as Path)], input));
  }
  const words = /one of ([\w, -]+)/.exec(issue.message)?.[1]?.split(', ');
  return [
    {
      path,
      message: `${issue.message}, not ${formatValue(given)}`,
      ...(words && typeof given === 'string' && suggestName(given, words)),
    },
  ];
}

/** Branches that accept the type of the value; branches with unknown keys only if no other is left. */
function findLikelyBranches(branches: readonly Issue[][]): readonly Issue[][] {
  const likely = branches.filter((issues) => !issues.some((issue) => hasUnknownKeys(issue) || isOtherType(issue)));
  return likely.length > 0 ? likely : branches.filter((issues) => !issues.some(isOtherType));
}

function hasUnknownKeys({ path, code }: Issue): boolean {
  return path.length === 0 && code === 'unrecognized_keys';
}

/** Whether the issue is that the value has another type than this branch. */
function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOtherType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function unknownKey(path: Path, key: string, allowed: readonly string[]): PathProblem {
  return { path, message: `unknown key; allowed here: ${allowed.join(', ')}`, ...suggestName(key, allowed) };
}

function notOneOf(path: Path, given: unknown, allowed: readonly string[]): PathProblem {
  if (given === undefined) return { path, message: `is required: one of ${allowed.join(', ')}` };
  const message = `must be ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}, not ${formatValue(given)}`;
  return { path, message, ...(typeof given === 'string' && suggestName(given, allowed)) };
}

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  return JSON.stringify(value) ?? String(value);
}
