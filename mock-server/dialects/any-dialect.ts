import type { Body } from './body.ts';
import { DIALECTS } from './dialects.ts';
import type { ReplyFacts, RequestFacts, StatedLimit, StatedRefusal } from './reader.ts';

/** Readers of recordings and journals, which do not name their dialect. */
const READERS = Object.values(DIALECTS).map(({ reader }) => reader);

/** Dialects with the same headers share one function. */
const LIMIT_READERS = [...new Set(READERS.map(({ readLimits }) => readLimits))];

/** Request headers that may hold the API key. */
export const KEY_HEADERS: ReadonlySet<string> = new Set(READERS.flatMap(({ keyHeaders }) => keyHeaders));

/** Whether a host is that of a dialect's provider. */
export function isDialectHost(host: string): boolean {
  return READERS.some(({ hosts }) => hosts.test(host.toLowerCase()));
}

/** Returns the journal name of the endpoint with this path; undefined if it is not the path of a model request. */
export function findEndpoint(path: string): string | undefined {
  return READERS.flatMap(({ endpoints }) => endpoints).find(([pattern]) => pattern.test(path))?.[1];
}

/** Whether a reply header is about the limits of a dialect. `name` must be lower case. */
export function isDialectLimitHeader(name: string): boolean {
  return READERS.some(({ limitHeaders }) => limitHeaders?.test(name));
}

/** Whether an error code or type means that the budget is spent, which waiting does not end. */
export function isBillingError(code: string | undefined): boolean {
  return code !== undefined && READERS.some(({ billingError }) => billingError?.test(code));
}

/** Reads the limit headers of a reply at `atUs`. */
export function readLimits(headers: Readonly<Record<string, string>>, atUs: number): StatedLimit[] {
  return LIMIT_READERS.flatMap((read) => read(headers, atUs));
}

/** Reads the message of a 429; undefined for an unknown wording. */
export function readRefusalMessage(message: string): StatedRefusal | undefined {
  for (const { readRefusal } of READERS) {
    const refusal = readRefusal(message);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Reads a request; a later dialect of the table overrides an earlier one. */
export function readRequest(body: Body | undefined, path: string): RequestFacts {
  return Object.assign({}, ...READERS.map((reader) => reader.readRequest(body, path)));
}

/** Reads a reply body, or one event of a stream; a later dialect of the table overrides an earlier one. */
export function readReply(body: Body): ReplyFacts {
  return Object.assign({}, ...READERS.map((reader) => reader.readReply(body)));
}
