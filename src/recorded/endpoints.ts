import type { RecordedEntry } from './entry.ts';
import { asSafeName, pathOf } from './secrets.ts';

/** Hosts of the known providers. */
const HOSTS =
  /(^|\.)(api\.openai\.com|openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com|api\.anthropic\.com|generativelanguage\.googleapis\.com|aiplatform\.googleapis\.com|api\.mistral\.ai|api\.groq\.com|api\.x\.ai|api\.deepseek\.com|api\.together\.xyz|openrouter\.ai|api\.cohere\.com)$|^[a-z0-9-]+-aiplatform\.googleapis\.com$/i;

/** Paths of model requests, on any host: gateways use the paths of the API they replace. Names as in journals. */
const PATHS: readonly (readonly [path: RegExp, endpoint: string])[] = [
  [/\/v1\/chat\/completions$/, 'chat.completions'],
  [/\/deployments\/[^/]+\/chat\/completions$/, 'chat.completions'],
  [/\/v1\/responses$/, 'responses'],
  [/\/openai\/responses$/, 'responses'],
  [/\/(?:v1|deployments\/[^/]+)\/completions$/, 'completions'],
  [/\/(?:v1|deployments\/[^/]+)\/embeddings$/, 'embeddings'],
  [/\/v1\/messages\/count_tokens$/, 'messages.count_tokens'],
  [/\/v1\/messages$/, 'messages'],
  [/\/v1\/moderations$/, 'moderations'],
  [/\/v1\/images\/generations$/, 'images.generations'],
  [/:generateContent$/, 'generateContent'],
  [/:streamGenerateContent$/, 'streamGenerateContent'],
  [/:countTokens$/, 'countTokens'],
  [/:(?:batch)?embedContents?$/i, 'embedContent'],
];

/** Returns the name of an endpoint: that of a known API, else the first plain words of the path, without ids. */
export function endpointOf(target: string | undefined): string | undefined {
  const path = pathOf(target);
  if (path === undefined) return undefined;
  const found = PATHS.find(([pattern]) => pattern.test(path));
  if (found) return found[1];
  const words = path.split('/').filter((part) => /^[a-z][a-z_]{2,19}$/.test(part));
  return words.slice(0, 3).join('.') || 'unknown';
}

/** Returns the model or deployment in the path, where Gemini and Azure put it. */
export function modelInPath(target: string | undefined): string | undefined {
  const path = pathOf(target) ?? '';
  return asSafeName((/\/models\/([^/:]+):/.exec(path) ?? /\/deployments\/([^/]+)\//.exec(path))?.[1]);
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
  if ((host !== undefined && HOSTS.test(host)) || PATHS.some(([pattern]) => pattern.test(path))) return undefined;
  return host === undefined ? 'path of no known API' : `host ${host}`;
}

function matchesHost(host: string, pattern: string): boolean {
  const [name, expected] = [host.toLowerCase(), pattern.toLowerCase()];
  return expected.startsWith('*.')
    ? name.endsWith(expected.slice(1))
    : name === expected || name.replace(/:\d+$/, '') === expected;
}
