import { tryParseJson } from '../json-value.ts';
import type { ProviderView } from '../reply.ts';
import { answerText, endsAnswer, readError } from './any-dialect.ts';
import { type Body, isObject, parseBody } from './body.ts';

/** The body of a reply with a status of 2xx. */
export interface ReplyBody {
  readonly text: string;
  /** Absent if unknown. */
  readonly contentType: string | undefined;
  /** Whether the text is everything that the sender meant to send: not cut by a broken connection or by a recorder. */
  readonly isWhole: boolean;
}

/** What a body shows that its status does not. */
export type BodyFacts = Pick<ProviderView, 'defect' | 'errorType' | 'errorCode' | 'sentChars'>;

/** One event of a stream; without a body if it is not JSON. */
interface StreamEvent {
  readonly body?: Body;
}

/**
 * Finds what is wrong with the body of a reply: an error in it, no JSON, a type that does not fit, a stream without its end.
 * `sentChars` counts the readable text of a stream that has a defect or is not whole, and of an answer with the wrong type.
 */
export function inspectBody({ text, contentType, isWhole }: ReplyBody): BodyFacts {
  const events = readEvents(text.trimStart(), contentType, isWhole);
  if (events) return inspectStream(events, contentType, isWhole);
  const body = parseBody(text);
  if (!body) return isWhole && expectsJson(contentType) ? { defect: 'not-json' } : {};
  const error = readError(body);
  if (error) return { ...error, defect: 'error-body' };
  if (contentType === undefined || /json/i.test(contentType)) return {};
  return { defect: 'content-type', sentChars: answerText(body).length };
}

/** Counts the characters of answer text in a whole body, streamed or not. */
export function countAnswerChars(text: string): number {
  const events = readEvents(text.trimStart(), undefined, true) ?? [toEvent(parseBody(text))];
  return events.reduce((sum, { body }) => sum + (body ? answerText(body).length : 0), 0);
}

function inspectStream(events: readonly StreamEvent[], contentType: string | undefined, isWhole: boolean): BodyFacts {
  const bodies = events.flatMap(({ body }): Body[] => (body ? [body] : []));
  const error = bodies.map((body) => readError(body)).find((found) => found !== undefined);
  const facts = { ...error, sentChars: bodies.reduce((sum, body) => sum + answerText(body).length, 0) };
  if (error) return { ...facts, defect: 'error-event' };
  if (isWhole && bodies.length < events.length) return { ...facts, defect: 'not-json' };
  if (!isWhole) return facts;
  if (!bodies.some(endsAnswer)) return { ...facts, defect: 'cut-stream' };
  const fits = contentType === undefined || /event-stream|json/i.test(contentType);
  return fits ? {} : { ...facts, defect: 'content-type' };
}

/** Returns the events of a stream: of server-sent events, or of a JSON list (Gemini without `alt=sse`). */
function readEvents(text: string, contentType: string | undefined, isWhole: boolean): StreamEvent[] | undefined {
  if (text.startsWith('[')) return readList(text, isWhole);
  const isEmpty = text === '' && /event-stream/i.test(contentType ?? '');
  if (!isEmpty && !/^(event|data|id|retry|:)/.test(text)) return undefined;
  return text.split('\n').flatMap((line): StreamEvent[] => {
    const [, data] = /^data: ?(.*?)\r?$/s.exec(line) ?? [];
    if (data === undefined || data === '') return [];
    return [data === '[DONE]' ? { body: { done: true } } : toEvent(parseBody(data))];
  });
}

/** A list that was cut is read line by line, as far as a line is one item. */
function readList(text: string, isWhole: boolean): StreamEvent[] {
  const items = tryParseJson(text);
  if (Array.isArray(items)) return items.map((item) => toEvent(isObject(item) ? item : undefined));
  const bodies = text.split(/\r?\n/).flatMap((line) => {
    const [, json] = /^[[,]?(\{.*\})[\],]*$/.exec(line) ?? [];
    return json === undefined ? [] : [toEvent(parseBody(json))];
  });
  // A list without its end: the last events are missing, unless the items themselves cannot be read.
  return bodies.length === 0 && isWhole ? [{}] : bodies;
}

const toEvent = (body: Body | undefined): StreamEvent => (body === undefined ? {} : { body });

/** A binary answer, such as speech, is not expected to be JSON. */
function expectsJson(contentType: string | undefined): boolean {
  return contentType === undefined || /json|^text\//i.test(contentType);
}
