import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** No web page may embed, guess the type of, or keep a response. */
export const CLOSED_TO_PAGES = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** Returns whether a request names this machine: a name that a web page has made to point here does not. */
export function isLoopbackHost({ host }: IncomingHttpHeaders): boolean {
  return LOOPBACK.includes((host ?? '').replace(/:\d+$/, '').toLowerCase());
}

/** `Sec-Fetch-Site` of a request by a page of this server, and of one without a page, such as a typed address. */
const OWN_SITES: readonly (string | undefined)[] = ['same-origin', 'none', undefined];

/**
 * Describes the web page of another origin for which a browser sends this request; undefined for every other program, since
 * none of these headers is theirs. A page can omit Origin or Referer but not forge them, and `Sec-Fetch-Site` is the browser's
 * alone (W3C Fetch Metadata).
 */
export function findForeignPage({
  host,
  origin,
  referer,
  'sec-fetch-site': site,
}: IncomingHttpHeaders): string | undefined {
  const own = toOrigin(`http://${host}`);
  const page = [origin, referer].find((address) => address !== undefined && toOrigin(address) !== own);
  if (page !== undefined) return `pages of ${toOrigin(page)}`;
  return OWN_SITES.includes(site?.toString()) ? undefined : `${site} requests of web pages`;
}

/** Every other text, such as `null` for a file, is an origin that no server has. */
function toOrigin(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : `an unknown origin (${address})`;
}

/** Compares in constant time, so that timing does not reveal how many characters of a token are correct. */
export function equalsInConstantTime(given: string, token: string): boolean {
  const actual = Buffer.from(given);
  const expected = Buffer.from(token);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
