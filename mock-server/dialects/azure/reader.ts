import { omitUndefined } from '../../json-value.ts';
import { openaiReader } from '../openai/reader.ts';
import type { DialectReader, StatedRefusal } from '../reader.ts';
import { parseWait } from '../stated-wait.ts';

/** The `api-version` of requests. */
export const API_VERSION = '2024-10-21';

/** Reads Azure's replies: OpenAI's, except for refusals and the deployment in the path. */
export const azureReader: DialectReader = {
  ...openaiReader,
  promptFormat: {
    ...openaiReader.promptFormat,
    baseVariable: 'AZURE_OPENAI_ENDPOINT',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    path: ({ model }) => `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=${API_VERSION}`,
    headers: (key) => ({ 'api-key': key }),
  },
  hosts: /(^|\.)(openai|cognitiveservices|services\.ai)\.azure\.com$/,
  keyHeaders: ['authorization', 'api-key', 'ocp-apim-subscription-key'],
  endpoints: [
    [/\/deployments\/[^/]+\/chat\/completions$/, 'chat.completions'],
    [/\/openai\/responses$/, 'responses'],
    [/\/deployments\/[^/]+\/completions$/, 'completions'],
    [/\/deployments\/[^/]+\/embeddings$/, 'embeddings'],
  ],
  keptHeaders: /^(x-ms-retry-after-ms|x-ms-ratelimit(-.+)?|x-rate-limit-.+|azureml-model-.+)$/,
  billingError: null,
  readRefusal,
  readRequest(body, path) {
    const facts = openaiReader.readRequest(body, path);
    const deployment = /\/deployments\/([^/]+)\//.exec(path)?.[1];
    return deployment === undefined ? facts : { model: deployment, ...facts };
  },
};

/** Parses `… exceeded the token rate limit …` or the older `… exceeded token rate limit …`; `call` means requests. */
function readRefusal(message: string): StatedRefusal | undefined {
  const found = /exceeded (?:the )?(token|call) rate limit .*?(?:retry after (\d+) seconds|$)/is.exec(message);
  if (!found) return undefined;
  const [, counted, wait] = found;
  return omitUndefined({
    unit: counted!.toLowerCase() === 'token' ? ('tokens' as const) : ('requests' as const),
    waitUs: wait === undefined ? undefined : parseWait(wait),
    permanent: wait === '86400' ? ('too-large' as const) : undefined,
  });
}
