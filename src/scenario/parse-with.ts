import type { z } from 'zod';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { ErrorCode } from '../../mock-server/error-codes.ts';
import { formatPath } from './path.ts';
import { problemsOf } from './problems.ts';

/** Parses a raw value with a schema. Throws a `QuotaLabError` of this code with every problem. */
export function parseWith<Value>(schema: z.ZodType<Value>, raw: unknown, code: ErrorCode, message: string): Value {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error, raw).map(({ path, ...rest }) => ({ path: formatPath(path), ...rest }));
  throw new QuotaLabError(code, message, { problems });
}
