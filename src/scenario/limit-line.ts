import type { Limit } from '../../mock-server/admission/limit.ts';
import { algorithmNamed } from '../../mock-server/limiter/algorithms.ts';
import { limitSchema } from './limit-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { parseWith } from './parse-with.ts';

/** Words followed by a value, and the key they set. */
const KEYS: Readonly<Record<string, string>> = {
  burst: 'burst',
  capacity: 'capacity',
  per: 'scope',
  algorithm: 'algorithm',
  window: 'window',
  delay: 'delay',
  name: 'name',
  settle: 'settle',
  chargeRejected: 'chargeRejected',
  zone: 'timeZone',
};

/**
 * Parses limits from the command line: the name of a profile, or unit, rate and options, e.g. `openai/tier-1/gpt-4o`,
 * `requests 5/s burst 5`, `tokens 90k/min per organization`, `concurrent 8`, `requests 100/min algorithm
 * sliding-window-log`. Throws `scenario/bad-limit` with every problem.
 */
export function parseLimitLine(line: string): Limit[] {
  const words = line.trim().split(/\s+/);
  const message = `"${line}" is not a valid limit`;
  if (/^\w+\/[\w.-]+\/[\w.-]+$/.test(line.trim()))
    return parseWith(limitsSchema, line.trim(), 'scenario/bad-limit', message);
  return [parseWith(limitSchema, toRaw(words), 'scenario/bad-limit', message)];
}

function toRaw([unit = '', size = '', ...words]: readonly string[]): Record<string, unknown> {
  const raw: Record<string, unknown> = unit === 'concurrent' ? { algorithm: 'concurrency' } : { unit };
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === 'nodelay') raw.nodelay = true;
    else raw[KEYS[word] ?? word] = parseValue(words.shift() ?? '');
  }
  return { ...raw, ...algorithmNamed(String(raw.algorithm)).parseSize(size) };
}

function parseValue(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
