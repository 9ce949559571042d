import type { RecordedEntry } from './entry.ts';
import { nameIn, pathOf } from './secrets.ts';

/** Where the known providers are. */
const HOSTS =
  /(^|\.)(api\.openai\.com|openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com|api\.anthropic\.com|generativelanguage\.googleapis\.com|aiplatform\.googleapis\.com|api\.mistral\.ai|api\.groq\.com|api\.x\.ai|api\.deepseek\.com|api\.together\.xyz|openrouter\.ai|api\.cohere\.com)$|^[a-z0-9-]+-aiplatform\.googleapis\.com$/i;

/** Paths that mean a model, on any host: a gateway's are those of the API it stands for. Names as journals write them. */
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

/** What a path is called: as the provider's own endpoints are, else by the plain words in it. Identifiers are left out. */
export function endpointOf(target: string | undefined): string | undefined {
  const path = pathOf(target);
  if (path === undefined) return undefined;
  const found = PATHS.find(([form]) => form.test(path));
  if (found) return found[1];
  const words = path.split('/').filter((part) => /^[a-z][a-z_]{2,19}$/.test(part));
  return words.slice(0, 3).join('.') || 'unknown';
}

/** The model or deployment that a path names: Gemini and Azure put it there. */
export function modelInPath(target: string | undefined): string | undefined {
  const path = pathOf(target) ?? '';
  return nameIn((/\/models\/([^/:]+):/.exec(path) ?? /\/deployments\/([^/]+)\//.exec(path))?.[1]);
}

/** Why an entry is not looked at, or undefined if it is. `hosts`: those that were asked for; `*.example.com` takes all below. */
export function leftOutFor(entry: RecordedEntry, hosts: readonly string[]): string | undefined {
  const { host, target, method, isModelCall } = entry;
  if (method === 'OPTIONS') return 'a preflight (OPTIONS) of a browser';
  if (hosts.length > 0) {
    if (host === undefined) return 'no host is told, and --host asks for one';
    return hosts.some((wanted) => matches(host, wanted)) ? undefined : `host ${host}`;
  }
  if (isModelCall || (host === undefined && target === undefined)) return undefined;
  const path = pathOf(target) ?? '';
  if ((host !== undefined && HOSTS.test(host)) || PATHS.some(([form]) => form.test(path))) return undefined;
  return host === undefined ? 'a path that no known API has' : `host ${host}`;
}

function matches(host: string, wanted: string): boolean {
  const [has, asked] = [host.toLowerCase(), wanted.toLowerCase()];
  return asked.startsWith('*.') ? has.endsWith(asked.slice(1)) : has === asked || has.replace(/:\d+$/, '') === asked;
}
