import type { AdmissionCheck } from '../../admission/admission.ts';
import type { ReplySettings } from '../../reply-settings.ts';
import type { Refusal, RefusalKind, ResponseDraft } from '../dialect.ts';
import { classifyRefusal as classifyOpenaiRefusal } from '../openai/refusal.ts';
import { azureError } from './errors.ts';

/** The wait that Azure requests for a call that can never be admitted (`wire.md` 2.1). */
const DAY_US = 86_400_000_000;

/** Classifies as OpenAI does, except that every refusal is a 429 with a wait, even if waiting cannot help. */
export function classifyRefusal(refused: AdmissionCheck, settings: ReplySettings): RefusalKind {
  const kind = classifyOpenaiRefusal(refused, settings);
  const messageWaitUs = kind.messageWaitUs === Infinity ? DAY_US : kind.messageWaitUs;
  return { ...kind, status: 429, errorType: '', errorCode: '429', messageWaitUs };
}

const OPERATIONS: Readonly<Record<string, string>> = {
  'chat.completions': 'ChatCompletions_Create',
  completions: 'Completions_Create',
  embeddings: 'Embeddings_Create',
  responses: 'Responses_Create',
};

/**
 * Builds the 429 in the newer captured wording: `code` is the string `429`, without `type` or `param` (`wire.md`
 * 2.1).
 */
export function refusalResponse(
  { subject, endpoint, apiVersion, reported, kind }: Refusal,
  region: string,
): ResponseDraft {
  const counted = reported.bucket.bound.limit.unit === 'requests' ? 'call' : 'token';
  const operation = OPERATIONS[endpoint] ?? endpoint;
  const message =
    `Your requests to ${subject.model} for ${subject.model} in ${region} have exceeded the ${counted} rate limit for your ` +
    `current AIServices S0 pricing tier. This request was for ${operation} under Azure OpenAI API version ` +
    `${apiVersion ?? 'preview'}. Please retry after ${Math.max(1, Math.ceil(kind.messageWaitUs / 1e6))} seconds. ` +
    'To increase your default rate limit, visit: https://aka.ms/oai/quotaincrease.';
  const content = azureError(429, '429', message);
  return {
    ...content,
    headers: { ...content.headers, 'policy-id': `DeploymentRatelimit-${counted === 'call' ? 'Call' : 'Token'}` },
  };
}
