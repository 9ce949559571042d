import { findEndpoint, isDialectHost } from '../../mock-server/dialects/any-dialect.ts';
import type { RecordedEntry } from './entry.ts';
import { pathOf } from './secrets.ts';

/** Hosts of other providers whose requests can be judged; most are OpenAI-compatible. */
const OTHER_HOSTS =
  /(^|\.)(api\.mistral\.ai|api\.groq\.com|api\.x\.ai|api\.deepseek\.com|api\.together\.xyz|openrouter\.ai|api\.cohere\.com)$/i;

/** Returns the name of an endpoint: that of a known API, else the first plain words of the path, without ids. */
export function endpointOf(target: string | undefined): string | undefined {
  const path = pathOf(target);
  if (path === undefined) return undefined;
  const known = findEndpoint(path);
  if (known !== undefined) return known;
  const words = path.split('/').filter((part) => /^[a-z][a-z_]{2,19}$/.test(part));
  return words.slice(0, 3).join('.') || 'unknown';
}

/** Returns why an entry is skipped, or undefined. `hosts`: the hosts to include; `*.example.com` includes subdomains. */
export function findSkipReason(entry: RecordedEntry, hosts: readonly string[]): string | undefined {
  const { host, target, method, isModelCall } = entry;
  if (method === 'OPTIONS') return 'CORS preflight (OPTIONS)';
  if (hosts.length > 0) {
    if (host === undefined) return 'no host recorded, but --host is set';
    return hosts.some((pattern) => matchesHost(host, pattern)) ? undefined : `host ${host}`;
  }
  if (isModelCall || (host === undefined && target === undefined)) return undefined;
  const path = pathOf(target) ?? '';
  const isKnownHost = host !== undefined && (isDialectHost(host) || OTHER_HOSTS.test(host));
  if (isKnownHost || findEndpoint(path) !== undefined) return undefined;
  return host === undefined ? 'path of no known API' : `host ${host}`;
}

function matchesHost(host: string, pattern: string): boolean {
  const [name, expected] = [host.toLowerCase(), pattern.toLowerCase()];
  return expected.startsWith('*.')
    ? name.endsWith(expected.slice(1))
    : name === expected || name.replace(/:\d+$/, '') === expected;
}
