import type { Body } from './body.ts';
import { DIALECTS } from './dialects.ts';
import type { ReplyFacts, RequestFacts, StatedLimit, StatedRefusal } from './reader.ts';

/** The readers of all dialects, since recordings and journals do not name theirs. */
const READERS = Object.values(DIALECTS).map(({ reader }) => reader);

/** Dialects with the same headers share one function. */
const LIMIT_READERS = [...new Set(READERS.map(({ readLimits }) => readLimits))];

/** Request headers that may hold the API key. */
export const KEY_HEADERS: ReadonlySet<string> = new Set(READERS.flatMap(({ keyHeaders }) => keyHeaders));

/** Returns whether a host belongs to the provider of a dialect. */
export function isDialectHost(host: string): boolean {
  return READERS.some(({ hosts }) => hosts.test(host.toLowerCase()));
}

/** Returns the journal name of the endpoint with this path; undefined if it is not the path of a model request. */
export function findEndpoint(path: string): string | undefined {
  return READERS.flatMap(({ endpoints }) => endpoints).find(([pattern]) => pattern.test(path))?.[1];
}

/** Returns whether recordings keep this reply header for a dialect. `name` must be lower case. */
export function isDialectHeader(name: string): boolean {
  return READERS.some(({ keptHeaders }) => keptHeaders?.test(name));
}

/** Returns whether an error code or type means an exhausted budget, for which waiting does not help. */
export function isBillingError(code: string | undefined): boolean {
  return code !== undefined && READERS.some(({ billingError }) => billingError?.test(code));
}

/** Reads the limit headers of a reply at `atUs`. */
export function readLimits(headers: Readonly<Record<string, string>>, atUs: number): StatedLimit[] {
  return LIMIT_READERS.flatMap((read) => read(headers, atUs));
}

/** Reads the message of a 429; undefined for unknown wording. */
export function readRefusalMessage(message: string): StatedRefusal | undefined {
  for (const { readRefusal } of READERS) {
    const refusal = readRefusal(message);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Reads a request. If several dialects read the same field, the last in the table wins. */
export function readRequest(body: Body | undefined, path: string): RequestFacts {
  return Object.assign({}, ...READERS.map((reader) => reader.readRequest(body, path)));
}

/** Reads a reply body, or one event of a stream. If several dialects read the same field, the last in the table wins. */
export function readReply(body: Body): ReplyFacts {
  return Object.assign({}, ...READERS.map((reader) => reader.readReply(body)));
}
