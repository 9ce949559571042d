import type { Limit } from '../../mock-server/admission/limit.ts';
import { limitSchema } from './limit-schema.ts';
import { parseLimitText } from './limit-text.ts';
import { limitsSchema } from './limits-schema.ts';
import { parseWith } from './parse-with.ts';

/**
 * Parses limits from the command line: the name of a profile, or unit, rate and options, e.g. `openai/tier-1/gpt-4o`,
 * `requests 5/s burst 5`, `tokens 90k/min per organization`, `concurrent 8`, `requests 100/min algorithm
 * sliding-window-log`. Throws `scenario/bad-limit` with every problem.
 */
export function parseLimitLine(line: string): Limit[] {
  const message = `"${line}" is not a valid limit`;
  if (/^\w+\/[\w.-]+\/[\w.-]+$/.test(line.trim()))
    return parseWith(limitsSchema, line.trim(), 'scenario/bad-limit', message);
  return [parseWith(limitSchema, parseLimitText(line), 'scenario/bad-limit', message)];
}
