import type { Subject } from '../admission/limit.ts';
import type { ProviderRequest } from '../reply.ts';

/** The path of a request, without its query. */
export function pathOf({ target }: ProviderRequest): string {
  return target.split('?', 1)[0]!;
}

/** The token of an `Authorization: Bearer` header, empty for none. */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}

/** Who asks, as far as every dialect knows it in the same way; the model is named later, by the body or the path. */
export function callerOf(
  { headers, ip }: ProviderRequest,
  key: string,
  belongs: { readonly organization: string; readonly project: string },
): Subject {
  return { key, ...belongs, model: '', ip, userAgent: headers['user-agent'] ?? '', content: '' };
}
