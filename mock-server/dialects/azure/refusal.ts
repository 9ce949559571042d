import type { Check } from '../../admission/admission.ts';
import type { ProviderSettings } from '../../settings.ts';
import type { Content, Refusal, RefusalKind } from '../dialect.ts';
import { kindOf as openaiKindOf } from '../openai/refusal.ts';
import { azureError } from './errors.ts';

/** What a request that can never pass is told to wait (`wire.md` 2.1). */
const DAY_US = 86_400_000_000;

/** As OpenAI decides it, but that everything is a 429 with a wait: even what waiting cannot help. */
export function kindOf(refused: Check, settings: ProviderSettings): RefusalKind {
  const kind = openaiKindOf(refused, settings);
  const toldUs = kind.toldUs === Infinity ? DAY_US : kind.toldUs;
  return { ...kind, status: 429, errorType: '', errorCode: '429', toldUs };
}

const OPERATIONS: Readonly<Record<string, string>> = {
  'chat.completions': 'ChatCompletions_Create',
  completions: 'Completions_Create',
  embeddings: 'Embeddings_Create',
  responses: 'Responses_Create',
};

/** The newer of the captured texts; code is the string `429`, and there is neither type nor param (`wire.md` 2.1). */
export function refusal({ subject, endpoint, apiVersion, reported, kind }: Refusal, region: string): Content {
  const what = reported.bucket.bound.limit.unit === 'requests' ? 'call' : 'token';
  const operation = OPERATIONS[endpoint] ?? endpoint;
  const message =
    `Your requests to ${subject.model} for ${subject.model} in ${region} have exceeded the ${what} rate limit for your ` +
    `current AIServices S0 pricing tier. This request was for ${operation} under Azure OpenAI API version ` +
    `${apiVersion ?? 'preview'}. Please retry after ${Math.max(1, Math.ceil(kind.toldUs / 1e6))} seconds. ` +
    'To increase your default rate limit, visit: https://aka.ms/oai/quotaincrease.';
  const content = azureError(429, '429', message);
  return {
    ...content,
    headers: { ...content.headers, 'policy-id': `DeploymentRatelimit-${what === 'call' ? 'Call' : 'Token'}` },
  };
}
