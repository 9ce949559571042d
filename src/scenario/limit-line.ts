import type { Limit } from '../../mock-server/admission/limit.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { parseYamlValue } from './document.ts';
import type { NamedLimit } from './limit-names.ts';
import { namedLimitSchema } from './limit-schema.ts';
import { parseLimitText } from './limit-text.ts';
import { limitTextSchema } from './limits-schema.ts';
import { parseWith } from './parse-with.ts';

/**
 * Parses limits from the command line: the name of a profile; unit, rate and options, e.g. `openai/tier-1/gpt-4o`, `requests 5/s
 * burst 5`, `tokens 90k/min per organization`, `concurrent 8`, `requests 100/min algorithm sliding-window-log`; or as in a
 * scenario, e.g. `{ unit: requests, refill: 5/s }`. Throws `scenario/bad-limit` with every problem.
 */
export function parseNamedLimits(line: string): NamedLimit[] {
  const message = `"${line}" is not a valid limit`;
  if (/^\w+\/[\w.-]+\/[\w.-]+$/.test(line.trim()))
    return parseWith(limitTextSchema, line.trim(), 'scenario/bad-limit', message);
  const raw = line.trimStart().startsWith('{') ? readYaml(line, message) : parseLimitText(line);
  return [parseWith(namedLimitSchema, raw, 'scenario/bad-limit', message)];
}

/** Parses limits as `parseNamedLimits` does, without saying which of them were given a name. */
export function parseLimitLine(line: string): Limit[] {
  return parseNamedLimits(line).map(({ limit }) => limit);
}

function readYaml(line: string, message: string): unknown {
  try {
    return parseYamlValue(line);
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.split('\n');
    const problems = [{ path: '', message: reason.replace(/:$/, ''), hint: "'{ unit: requests, refill: 5/s }'" }];
    throw new QuotaLabError('scenario/bad-limit', message, { problems, cause });
  }
}
