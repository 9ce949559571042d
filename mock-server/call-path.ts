import { CALL_TAG_HEADER } from './provider-view.ts';

/** The prefix of a path under a per-call base URL: `/c/17/v1/chat/completions`. */
const CALL_PATH = /^\/c\/(\d+)(?=\/|$)/;

/** Returns a base URL whose requests all belong to one call, for clients that can only be given an address. */
export function callUrl(url: string, call: number): string {
  return `${url}/c/${call}`;
}

/**
 * Strips the call prefix from a path, so that the provider sees only its real paths, and moves it into the call tag header. An
 * existing call tag header is more precise and takes precedence.
 */
export function stripCallPath(
  target: string,
  headers: Readonly<Record<string, string>>,
): { readonly target: string; readonly headers: Readonly<Record<string, string>> } {
  const [prefix, call] = CALL_PATH.exec(target) ?? [];
  if (prefix === undefined || call === undefined) return { target, headers };
  return { target: target.slice(prefix.length) || '/', headers: { [CALL_TAG_HEADER]: call, ...headers } };
}
