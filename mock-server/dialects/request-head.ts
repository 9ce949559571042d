import type { Subject } from '../admission/limit.ts';
import type { ProviderRequest } from '../reply.ts';
import type { ParsedRequest } from './dialect.ts';

/** Returns the path of a request, without its query. */
export function pathOf({ target }: ProviderRequest): string {
  return target.split('?', 1)[0]!;
}

/** Returns the token of an `Authorization: Bearer` header, or an empty string. */
export function bearerToken(authorization: string | undefined): string {
  return /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}

/** Builds the subject fields that all dialects share; the caller fills in `model` from the body or the path. */
export function createSubject(
  { headers, ip }: ProviderRequest,
  key: string,
  owner: { readonly organization: string; readonly project: string },
): Subject {
  return { key, ...owner, model: '', ip, userAgent: headers['user-agent'] ?? '', content: '' };
}

/** Returns a request that no limit checks, such as a list of models. */
export function unmeteredRequest(endpoint: string, subject: Subject, answer: ParsedRequest['answer']): ParsedRequest {
  return { endpoint, subject, cost: null, stream: false, text: '', answer };
}
