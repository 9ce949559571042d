import { readReply, readRequest } from '../../mock-server/dialects/any-dialect.ts';
import { type Body, parseBody } from '../../mock-server/dialects/body.ts';
import { type BodyFacts, inspectBody } from '../../mock-server/dialects/inspect-body.ts';
import type { ReplyFacts, RequestFacts } from '../../mock-server/dialects/reader.ts';
import { asInteger, omitUndefined } from '../../mock-server/json-value.ts';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { RecordedEntry } from './entry.ts';
import { asSafeName, pathOf } from './secrets.ts';

/** Returns the values of a request that are safe to keep. */
export function requestFacts(body: string | undefined, target: string | undefined): RequestFacts {
  const facts = readRequest(body === undefined ? undefined : parseBody(body), pathOf(target) ?? '');
  return omitUndefined({ ...facts, model: asSafeName(facts.model) });
}

/** Returns the values of a reply body that are safe to keep: tokens and the error. In a stream the last usage counts. */
export function replyFacts(body: string | undefined): ReplyFacts {
  if (body === undefined) return {};
  const trimmed = body.trimStart();
  if (/^(event|data|id|:)/.test(trimmed)) return streamFacts(trimmed);
  const parsed = parseBody(trimmed.startsWith('[') ? lastListItem(trimmed) : trimmed);
  return parsed ? bodyFacts(parsed) : {};
}

/**
 * Returns what the body of a 2xx reply shows that its status does not. Without its size, a body may have been cut by the
 * recorder: then only what it says counts, not what it lacks.
 */
export function replyDefect({
  outcome,
  status,
  responseBody,
  responseBytes,
  responseHeaders,
}: RecordedEntry): BodyFacts {
  if (responseBody === undefined || status < 200 || status >= 300) return {};
  const headers = responseHeaders ?? {};
  const length = headers['content-encoding'] === undefined ? asInteger(headers['content-length']) : undefined;
  const bytes = responseBytes ?? length;
  const isWhole = outcome === 'response' && bytes !== undefined && utf8Length(responseBody) >= bytes;
  const found = inspectBody({ text: responseBody, contentType: headers['content-type'], isWhole });
  if (outcome === 'response' && found.defect === undefined) return {};
  return omitUndefined({ ...found, errorType: asSafeName(found.errorType), errorCode: asSafeName(found.errorCode) });
}

/** Returns the last item of a JSON list. Without `alt=sse`, Gemini streams a list, and its errors are lists too. */
function lastListItem(list: string): string {
  try {
    const items: unknown = JSON.parse(list);
    return Array.isArray(items) ? JSON.stringify(items.at(-1)) : '';
  } catch {
    return '';
  }
}

function streamFacts(body: string): ReplyFacts {
  let facts: ReplyFacts = {};
  for (const line of body.split('\n')) {
    // Most frames have only text: parse those that may have usage or an error.
    if (!line.startsWith('data:') || !/usage|error/i.test(line)) continue;
    const frame = parseBody(line.slice(5));
    if (frame) facts = { ...facts, ...bodyFacts(frame) };
  }
  return facts;
}

function bodyFacts(body: Body): ReplyFacts {
  const facts = readReply(body);
  if (typeof body.error === 'string') return { ...facts, errorText: body.error };
  return omitUndefined({ ...facts, errorType: asSafeName(facts.errorType), errorCode: asSafeName(facts.errorCode) });
}
