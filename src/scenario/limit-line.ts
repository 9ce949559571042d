import type { Limit } from '../../mock-server/admission/limit.ts';
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
  return { ...raw, ...sizeKeys(raw.algorithm, size) };
}

function parseValue(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The number after the unit, under the keys that the algorithm uses for it. */
function sizeKeys(algorithm: unknown, size: string): Record<string, unknown> {
  const [amount, period = ''] = size.split('/');
  switch (algorithm) {
    case 'concurrency':
      return { amount: parseValue(size) };
    case 'leaky-bucket':
      return { rate: size };
    case 'calendar-quota':
      return { amount, per: period };
    case 'fixed-window':
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return { amount, window: windowDuration(period) };
    default:
      return { refill: size };
  }
}

/** `min` → `1m`, `20s` → `20s`: a period as a duration. */
function windowDuration(period: string): string {
  const unit = { s: '1s', sec: '1s', min: '1m', m: '1m', hour: '1h', h: '1h', day: '1d', d: '1d' }[period];
  return unit ?? period;
}
