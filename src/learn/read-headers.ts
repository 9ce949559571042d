import type { Unit } from '../../mock-server/admission/limit.ts';
import { readLimits } from '../../mock-server/dialects/any-dialect.ts';
import { parseCount, readTriples } from '../../mock-server/dialects/limit-triples.ts';
import type { StatedLimit } from '../../mock-server/dialects/reader.ts';
import { parseWait } from '../../mock-server/dialects/stated-wait.ts';
import type { Observation } from '../recorded/observation.ts';
import type { LimitReading } from './limit-reading.ts';

/** Headers of gateways and of older IETF drafts. */
const COMMON_TRIPLES = ['ratelimit', 'x-ratelimit'].map((name) => ({
  unit: 'requests' as const,
  limit: `${name}-limit`,
  remaining: `${name}-remaining`,
  reset: `${name}-reset`,
  rounding: 0,
}));

/** Reads the limit headers of a reply, one reading for each limit. */
export function readHeaders(reply: Observation, index: number): LimitReading[] {
  const { headers, atUs, promptTokens } = reply;
  const common = {
    index,
    atUs,
    refused: reply.status === 429,
    ...(promptTokens !== undefined && { promptTokens }),
    ...keyAndModel(reply),
  };
  const limits = [...readLimits(headers, atUs), ...readTriples(COMMON_TRIPLES, headers, atUs), ...ietfLimits(headers)];
  return limits.map((limit) => ({ ...common, ...limit }));
}

/** Returns the key and model whose limits a reply is about. */
export function keyAndModel({ key = '', model = '' }: Observation): { key: string; model: string } {
  return { key, model };
}

/**
 * Reads `RateLimit-Policy: "burst";q=100;w=60` with `RateLimit: "burst";r=50;t=30`
 * (draft-ietf-httpapi-ratelimit-headers-10: lists of strings with parameters, RFC 9651).
 */
function ietfLimits(headers: Readonly<Record<string, string>>): StatedLimit[] {
  const policies = items(headers['ratelimit-policy']);
  return items(headers.ratelimit).flatMap(({ name, parameters: { r, t } }): StatedLimit[] => {
    const policy = policies.find((candidate) => candidate.name === name)?.parameters;
    const unit = UNITS.get(policy?.qu ?? 'requests');
    const [quota, remaining, reset, window] = [policy?.q, r, t, policy?.w].map(parseCount);
    if (unit === undefined || !quota || remaining === undefined) return [];
    return [
      {
        unit,
        label: name,
        limit: quota,
        remaining,
        rounding: 0,
        ...(reset !== undefined && { resetUs: parseWait(String(reset))! }),
        ...(window && { statedWindowUs: window * 1e6 }),
      },
    ];
  });
}

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['concurrent-requests', 'concurrent'],
]);

function items(text = ''): { name: string; parameters: Readonly<Record<string, string>> }[] {
  return [...text.matchAll(/(?:^|,)\s*"([^"]*)"((?:\s*;\s*[\w*-]+=(?:"[^"]*"|[^;,\s]+))*)/g)].map(([, name, rest]) => ({
    name: name!,
    parameters: Object.fromEntries(
      [...rest!.matchAll(/([\w*-]+)=("[^"]*"|[^;,\s]+)/g)].map(([, key, value]) => [key!, value!.replaceAll('"', '')]),
    ),
  }));
}
