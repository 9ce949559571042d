import type { z } from 'zod';
import { QuotaLabError } from '../../mock-server/error.ts';
import { pathText } from './path.ts';
import { problemsOf } from './problems.ts';

/** What a schema makes of a raw value. Throws a `QuotaLabError` of this code with every problem. */
export function parseWith<Value>(schema: z.ZodType<Value>, raw: unknown, code: string, message: string): Value {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error, raw).map(({ path, ...rest }) => ({ path: pathText(path), ...rest }));
  throw new QuotaLabError(code, message, { problems });
}
