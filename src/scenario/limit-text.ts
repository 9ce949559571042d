import { algorithmNamed } from '../../mock-server/limiter/algorithms.ts';

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

/** Converts a limit in words, such as `requests 5/s burst 5`, to the keys that a scenario has for it. */
export function parseLimitText(text: string): Record<string, unknown> {
  const [unit = '', size = '', ...words] = text.trim().split(/\s+/);
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
