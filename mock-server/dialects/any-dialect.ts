import { asObject, asText, omitUndefined } from '../json-value.ts';
import { type Body, isObject } from './body.ts';
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

/** One pattern for all dialects, since every attempt is tested, several times. */
const BILLING_ERROR = new RegExp(READERS.flatMap(({ billingError }) => billingError?.source ?? []).join('|'));

/** Returns whether an error code or type means an exhausted budget, for which waiting does not help. */
export function isBillingError(code: string | undefined): boolean {
  return code !== undefined && BILLING_ERROR.test(code);
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

/** Reads the error in a body, or in one event of a stream, whatever its status; undefined without an error. */
export function readError(body: Body): Pick<ReplyFacts, 'errorType' | 'errorCode'> | undefined {
  const { error, type, response } = body;
  const hasError = isObject(error) || asText(error) !== undefined || isObject(asObject(response).error);
  if (!hasError && type !== 'error') return undefined;
  const { errorType, errorCode } = readReply(body);
  return omitUndefined({ errorType, errorCode });
}

/** Returns the answer text of a body, or of one event of a stream. */
export function answerText(body: Body): string {
  for (const reader of READERS) {
    const text = reader.answerText(body);
    if (text !== '') return text;
  }
  return '';
}

/** Returns whether an answer is complete with this event of a stream. */
export function endsAnswer(event: Body): boolean {
  return READERS.some((reader) => reader.endsAnswer(event));
}
