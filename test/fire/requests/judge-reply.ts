import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Ajv, type ValidateFunction } from 'ajv';
import { answerText, readError, readReply } from '../../../mock-server/dialects/any-dialect.ts';
import type { Body } from '../../../mock-server/dialects/body.ts';
import { inspectBody } from '../../../mock-server/dialects/inspect-body.ts';
import type { ReplyFacts } from '../../../mock-server/dialects/reader.ts';
import { asObject, asObjects, tryParseJson } from '../../../mock-server/json-value.ts';
import type { Reply } from '../../../mock-server/reply.ts';
import type { SchemaErrors } from '../../mock-server/dialects/openai/published-schema.ts';
import type { DrawnRequest } from './draw-request.ts';

/** Definitions of the published schema: of a whole body, and of an event of a stream. */
const DEFINITIONS: Readonly<Record<string, readonly [whole: string, event?: string]>> = {
  'chat.completions': ['CreateChatCompletionResponse', 'CreateChatCompletionStreamResponse'],
  responses: ['Response', 'ResponseStreamEvent'],
  completions: ['CreateCompletionResponse'],
  embeddings: ['CreateEmbeddingResponse'],
  moderations: ['CreateModerationResponse'],
};

/** OpenAI's own schema, for a dialect that follows it: Azure's answers do, and its errors do not. */
export interface Published {
  readonly answers?: SchemaErrors;
  readonly errors?: SchemaErrors;
}

/**
 * Returns what is wrong with a reply, one sentence each. A reply that a fault replaced or damaged only has to be one that can
 * be sent.
 */
export function judgeReply(drawn: DrawnRequest, reply: Reply, { answers, errors }: Published): string[] {
  const problems = [...judgeHead(reply), ...judgeTimes(reply)];
  if (reply.view.fault !== undefined) return problems;
  const text = reply.frames.map((frame) => frame.text).join('');
  if (reply.ending !== 'complete') problems.push(`ends with ${reply.ending}`);
  if (drawn.kind === 'valid' && reply.status !== 200 && reply.status !== 429)
    problems.push(`refused: ${text.slice(0, 300)}`);
  if (reply.status >= 200 && reply.status < 300) return [...problems, ...judgeAnswer(drawn, reply, text, answers)];
  if (reply.status >= 400 && reply.status < 500) return [...problems, ...judgeError(reply, text, errors)];
  return [...problems, `status ${reply.status}: ${text.slice(0, 300)}`];
}

function judgeHead({ headers }: Reply): string[] {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return [];
  } catch (error) {
    return [`a header cannot be sent: ${(error as Error).message}`];
  }
}

function judgeTimes({ headAfterUs, frames }: Reply): string[] {
  let lastUs = headAfterUs;
  if (!Number.isSafeInteger(headAfterUs) || headAfterUs < 0) return [`the head is due after ${headAfterUs}`];
  for (const { afterUs } of frames) {
    if (!Number.isSafeInteger(afterUs) || afterUs < lastUs)
      return [`a frame is due ${afterUs} µs after the request, one before it ${lastUs}`];
    lastUs = afterUs;
  }
  return [];
}

function judgeAnswer(drawn: DrawnRequest, { view, headers }: Reply, text: string, published?: SchemaErrors): string[] {
  const { defect } = inspectBody({ text, contentType: headers['content-type'], isWhole: true });
  if (defect !== undefined) return [`the body is ${defect}: ${text.slice(0, 300)}`];
  const events = eventsOf(text);
  const problems: string[] = [];
  const chars = events.reduce((sum, event) => sum + answerText(event).length, 0);
  if (view.answerChars !== undefined && chars !== view.answerChars) {
    problems.push(`${chars} characters, not ${view.answerChars}: ${text.slice(0, 600)}`);
  }
  const stated = Object.assign({}, ...events.map(readReply)) as ReplyFacts;
  for (const name of ['promptTokens', 'completionTokens'] as const) {
    if (stated[name] !== undefined && stated[name] !== view[name])
      problems.push(`${name} ${stated[name]}, not ${view[name]}`);
  }
  if (drawn.schema && view.endpoint !== 'responses') problems.push(...judgeSchema(drawn.schema, events, text));
  const [whole, event] = DEFINITIONS[view.endpoint] ?? [];
  const definition = text.startsWith('{') ? whole : event;
  if (!published || definition === undefined || !isInSchema(drawn)) return problems;
  return [...problems, ...events.flatMap((one) => published(definition, one) ?? [])];
}

/** Vectors in base64 are not in the published schema, nor tools that are answered as they came. */
function isInSchema({ request: { body } }: DrawnRequest): boolean {
  const { tools } = asObject(tryParseJson(body));
  return !body.includes('base64') && asObjects(tools).every(({ type }) => type === 'function');
}

const ajv = new Ajv();
const schemas = new Map<object, ValidateFunction>();

/** The answer's text as the request wanted it. */
function judgeSchema(schema: object, events: readonly Body[], text: string): string[] {
  const validate = schemas.get(schema) ?? ajv.compile(schema);
  schemas.set(schema, validate);
  const answer = tryParseJson(events.map(answerText).join(''));
  return validate(answer) ? [] : [`${ajv.errorsText(validate.errors)}: ${text.slice(0, 600)}`];
}

function judgeError({ view }: Reply, text: string, published?: SchemaErrors): string[] {
  const body = tryParseJson(text);
  const error = typeof body === 'object' && body !== null ? readError(body as Body) : undefined;
  if (!error) return [`no error in ${text.slice(0, 300)}`];
  // What Gemini calls a status is the type of an error for the provider, and its code for the reader.
  const stated = [error.errorType, error.errorCode];
  const problems = [view.errorType, view.errorCode]
    .filter((word) => word !== undefined && !stated.includes(word))
    .map((word) => `not ${word}: ${text.slice(0, 300)}`);
  const wrong = published?.('ErrorResponse', body);
  return wrong === undefined ? problems : [...problems, wrong];
}

/** The JSON of a body, of the events of a stream, or of the items of a list. */
function eventsOf(text: string): Body[] {
  const whole = tryParseJson(text);
  if (whole !== undefined) return (Array.isArray(whole) ? whole : [whole]) as Body[];
  return text.split('\n').flatMap((line) => {
    const data = line.startsWith('data: ') && line !== 'data: [DONE]' ? tryParseJson(line.slice(6)) : undefined;
    return data === undefined ? [] : [data as Body];
  });
}
