import type { ProviderRequest } from '../reply.ts';

/** The path of a request, without its query. */
export function pathOf({ target }: ProviderRequest): string {
  return target.split('?', 1)[0]!;
}

/** The token of an `Authorization: Bearer` header, empty for none. */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}
