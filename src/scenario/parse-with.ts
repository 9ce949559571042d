import type { z } from 'zod';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { ErrorCode } from '../../mock-server/error-codes.ts';
import { findProblems } from './find-problems.ts';
import { formatPath } from './path.ts';

/** Parses a raw value with a schema. Throws a `QuotaLabError` of this code with every problem. */
export function parseWith<Value>(schema: z.ZodType<Value>, raw: unknown, code: ErrorCode, message: string): Value {
  const found = findProblems(schema, raw);
  if (found.problems.length === 0 && found.value !== undefined) return found.value;
  const problems = found.problems.map(({ path, ...rest }) => ({ path: formatPath(path), ...rest }));
  throw new QuotaLabError(code, message, { problems });
}
