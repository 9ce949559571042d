import { type Ask, plainAsk, type Turn } from '../../completion/ask.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { Content } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import { reasons } from './models.ts';
import { checkSchema, checkTools, choiceOf, functionsOf } from './tools.ts';
import {
  type BodyCheck,
  decimal,
  emptyArray,
  firstWrong,
  flag,
  invalidType,
  invalidValue,
  metadata,
  missing,
  oneOf,
  wholeNumber,
} from './validation.ts';

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;

/** The parts of a chat completion request that the answer and its cost depend on. */
export interface ChatRequest {
  readonly ask: Ask;
  readonly n: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly obfuscate: boolean;
  /** How many alternatives of each token are told with its probability; absent for none at all. */
  readonly topLogprobs?: number;
  readonly serviceTier: string;
}

const CHECKS: readonly BodyCheck[] = [
  checkMessages,
  checkMaxTokens,
  wholeNumber('max_tokens', 1),
  wholeNumber('max_completion_tokens', 1),
  wholeNumber('n', 1, 128),
  checkTemperature,
  decimal('temperature', 0, 2),
  decimal('top_p', 0, 1),
  decimal('presence_penalty', -2, 2),
  decimal('frequency_penalty', -2, 2),
  flag('stream'),
  checkStreamOptions,
  checkStop,
  flag('logprobs'),
  wholeNumber('top_logprobs', 0, 20),
  checkLogprobs,
  (body) => checkTools(body, 'chat'),
  flag('parallel_tool_calls'),
  checkFormat,
  oneOf('service_tier', ['auto', 'default', 'flex', 'scale', 'priority']),
  metadata,
];

/** The first thing wrong with a chat body whose model is known to exist. */
export function checkChat(body: Body): Content | undefined {
  return firstWrong(CHECKS, body);
}

function checkMessages({ messages }: Body): Content | undefined {
  if (messages === undefined || messages === null) return missing('messages');
  if (!Array.isArray(messages)) return invalidType('messages', 'an array of objects', messages);
  if (messages.length === 0) return emptyArray('messages');
  for (const [index, message] of messages.entries()) {
    const wrong = checkMessage(message, `messages[${index}]`) ?? checkToolResult(messages, index);
    if (wrong) return wrong;
  }
  return undefined;
}

function checkMessage(message: unknown, path: string): Content | undefined {
  if (!isObject(message)) return invalidType(path, 'an object', message);
  if (message.role === undefined) return missing(`${path}.role`);
  if (!ROLES.some((role) => role === message.role)) return invalidValue(`${path}.role`, String(message.role), ROLES);
  const { content } = message;
  const fine = typeof content === 'string' || content === null || content === undefined || Array.isArray(content);
  return fine ? undefined : invalidType(`${path}.content`, 'one of a string or array of objects', content);
}

/** A tool's result answers a call; the provider refuses one that answers none. */
function checkToolResult(messages: readonly Body[], index: number): Content | undefined {
  if (messages[index]!.role !== 'tool') return undefined;
  const before = messages.slice(0, index).findLast(({ role }) => role !== 'tool');
  if (Array.isArray(before?.tool_calls)) {
    return messages[index]!.tool_call_id === undefined ? missing(`messages[${index}].tool_call_id`) : undefined;
  }
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return invalidRequest(400, message, `messages.[${index}].role`, null);
}

function checkMaxTokens({ model, max_tokens: given }: Body): Content | undefined {
  if (given === undefined || given === null || !reasons(model as string)) return undefined;
  const message =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  return invalidRequest(400, message, 'max_tokens', 'unsupported_parameter');
}

function checkTemperature({ model, temperature }: Body): Content | undefined {
  if (typeof temperature !== 'number' || temperature === 1 || !reasons(model as string)) return undefined;
  const message = `Unsupported value: 'temperature' does not support ${temperature} with this model. Only the default (1) value is supported.`;
  return invalidRequest(400, message, 'temperature', 'unsupported_value');
}

function checkStreamOptions({ stream, stream_options: options }: Body): Content | undefined {
  if (options === undefined || options === null) return undefined;
  if (!isObject(options)) return invalidType('stream_options', 'an object', options);
  if (stream === true) return undefined;
  const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  return invalidRequest(400, message, 'stream_options', null);
}

function checkStop({ stop }: Body): Content | undefined {
  if (stop === undefined || stop === null || typeof stop === 'string') return undefined;
  if (!Array.isArray(stop) || stop.some((word) => typeof word !== 'string')) {
    return invalidType('stop', 'one of a string or array of strings', stop);
  }
  if (stop.length <= 4) return undefined;
  const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`;
  return invalidRequest(400, message, 'stop', 'array_above_max_length');
}

function checkLogprobs({ logprobs, top_logprobs: top }: Body): Content | undefined {
  if (top === undefined || top === null || logprobs === true) return undefined;
  const message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
  return invalidRequest(400, message, 'top_logprobs', null);
}

const FORMATS = ['json_object', 'json_schema', 'text'] as const;

function checkFormat({ response_format: format, messages }: Body): Content | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) return invalidType('response_format', 'an object', format);
  if (format.type === undefined) return missing('response_format.type');
  if (!FORMATS.some((known) => known === format.type)) {
    return invalidValue('response_format.type', String(format.type), FORMATS);
  }
  if (format.type === 'json_object') return checkSaysJson(messages as Body[]);
  return format.type === 'json_schema' ? checkJsonSchema(format.json_schema) : undefined;
}

function checkSaysJson(messages: readonly Body[]): Content | undefined {
  if (messages.some((message) => /json/i.test(partsText(message.content)))) return undefined;
  const message =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  return invalidRequest(400, message, 'messages', null);
}

function checkJsonSchema(wrapped: unknown): Content | undefined {
  const path = 'response_format.json_schema';
  if (wrapped === undefined) return missing(path);
  if (!isObject(wrapped)) return invalidType(path, 'an object', wrapped);
  if (wrapped.name === undefined) return missing(`${path}.name`);
  return checkSchema(wrapped.schema, 'response_format', `response_format '${String(wrapped.name)}'`);
}

/** Reads a body that `checkChat` has passed. */
export function readChat(body: Body): ChatRequest {
  const options = isObject(body.stream_options) ? body.stream_options : {};
  return {
    ask: askOf(body),
    n: (body.n ?? 1) as number,
    stream: body.stream === true,
    includeUsage: options.include_usage === true,
    obfuscate: options.include_obfuscation !== false,
    ...(body.logprobs === true && { topLogprobs: (body.top_logprobs ?? 0) as number }),
    serviceTier: tierOf(body.service_tier),
  };
}

function askOf(body: Body): Ask {
  const turns = (body.messages as readonly Body[]).map(turnOf);
  const maxTokens = (body.max_completion_tokens ?? body.max_tokens ?? undefined) as number | undefined;
  const schema = schemaOf(body.response_format);
  return {
    ...plainAsk(body.model as string, turns),
    tools: functionsOf(body, 'chat'),
    toolChoice: choiceOf(body, 'chat'),
    parallelTools: body.parallel_tool_calls !== false,
    ...(schema !== undefined && { schema }),
    stop: body.stop === undefined || body.stop === null ? [] : [body.stop as string | string[]].flat(),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function schemaOf(format: unknown): unknown {
  if (!isObject(format)) return undefined;
  if (format.type === 'json_schema') return (format.json_schema as Body).schema ?? { type: 'object' };
  return format.type === 'json_object' ? { type: 'object' } : undefined;
}

/** The tier that serves: what was asked for, where it is one that can be had. */
export function tierOf(asked: unknown): string {
  return asked === 'flex' || asked === 'priority' ? asked : 'default';
}

function turnOf(message: Body): Turn {
  const text = partsText(message.content);
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', text };
    case 'tool':
    case 'function':
      return {
        role: 'tool',
        text,
        ...(typeof message.tool_call_id === 'string' && { toolCallId: message.tool_call_id }),
      };
    default:
      return { role: message.role as 'user' | 'assistant', text };
  }
}
