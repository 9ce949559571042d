import type { z } from 'zod';
import { formatPath, type Path } from '../scenario/path.ts';
import { RECORD_SCHEMAS } from './record-schema.ts';

/** Further fields of one line are only counted. */
const MAX_NAMED_FIELDS = 5;

/** Returns why a line of a journal is not a valid record, or undefined if it is. */
export function findRecordProblem(record: unknown, line: number): string | undefined {
  const fields = Object(record) as Partial<Record<string, unknown>>;
  const { type } = fields;
  const schema = typeof type === 'string' && Object.hasOwn(RECORD_SCHEMAS, type) ? RECORD_SCHEMAS[type] : undefined;
  if (!schema) return `has the unknown type ${JSON.stringify(type) ?? 'undefined'}`;
  if ((line === 1) !== (type === 'header')) return 'is a second header: two journals were joined';
  const { error } = schema.safeParse(record);
  return error ? describeIssues(error.issues) : findTimeProblem(fields as Partial<Record<string, number>>);
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const [negative, invalid] = [issues.filter(isNegative), issues.filter((issue) => !isNegative(issue))].map((some) => [
    ...new Set(some.map(({ path }) => formatPath(path as Path))),
  ]) as [string[], string[]];
  return [
    ...(invalid.length > 0 ? [`has no valid ${list(invalid)}`] : []),
    ...(negative.length > 0 ? [`has a negative ${list(negative)}`] : []),
  ].join(' and ');
}

const isNegative = (issue: z.core.$ZodIssue): boolean => issue.code === 'too_small' && issue.minimum === 0;

function list(names: readonly string[]): string {
  const more = names.length - MAX_NAMED_FIELDS;
  return names.slice(0, MAX_NAMED_FIELDS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function findTimeProblem({ startUs, headersUs, endUs }: Partial<Record<string, number>>): string | undefined {
  if (startUs === undefined || endUs === undefined) return undefined;
  if (endUs < startUs) return `ends ${startUs - endUs} µs before it starts: the clock was set back during the run`;
  if (headersUs !== undefined && (headersUs < startUs || headersUs > endUs))
    return 'has its reply head before its start or after its end: the clock was set back during the run';
  return undefined;
}
