import { CALL_TAG_HEADER } from './provider-view.ts';

/** What a base URL has before its path when it is one call's own: `/c/17/v1/chat/completions`. */
const CALL_PATH = /^\/c\/(\d+)(?=\/|$)/;

/** A base URL whose requests all belong to one call, for clients that can be given an address and nothing else. */
export function callUrl(url: string, call: number): string {
  return `${url}/c/${call}`;
}

/**
 * Takes the call out of a request's path, so that nothing behind sees a path that the provider does not have. A tag in the
 * headers says more: it is left as it is.
 */
export function withoutCallPath(
  target: string,
  headers: Readonly<Record<string, string>>,
): { readonly target: string; readonly headers: Readonly<Record<string, string>> } {
  const [prefix, call] = CALL_PATH.exec(target) ?? [];
  if (prefix === undefined || call === undefined) return { target, headers };
  return { target: target.slice(prefix.length) || '/', headers: { [CALL_TAG_HEADER]: call, ...headers } };
}
