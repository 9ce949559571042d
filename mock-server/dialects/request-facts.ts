import { asText, omitUndefined } from '../json-value.ts';
import type { Body } from './body.ts';
import type { RequestFacts } from './reader.ts';

/** Reads the facts of a request whose body names `model` and `stream`; empty without a body. */
export function readRequestFacts(
  body: Body | undefined,
  readMaxTokens: (body: Body) => number | undefined,
): RequestFacts {
  if (body === undefined) return {};
  return omitUndefined({ model: asText(body.model), stream: body.stream === true, maxTokens: readMaxTokens(body) });
}
