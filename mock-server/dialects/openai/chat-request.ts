import { type CompletionRequest, plainCompletionRequest, type Turn } from '../../completion/completion-request.ts';
import { valueText } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { ResponseDraft } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import { isReasoningModel } from './models.ts';
import { checkToolChoice, toolChoiceOf } from './tool-choice.ts';
import { checkSchema, checkTools, functionsOf } from './tools.ts';
import {
  type BodyCheck,
  decimal,
  emptyArray,
  firstError,
  flag,
  invalidType,
  invalidValue,
  metadata,
  missing,
  oneOf,
  wholeNumber,
} from './validation.ts';

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;

/** The parts of a chat completion request that determine its answer and cost. */
export interface ChatRequest {
  readonly completion: CompletionRequest;
  readonly n: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly obfuscate: boolean;
  /** Number of alternatives per token in `logprobs`; absent without `logprobs`. */
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
  (body) => checkToolChoice(body, 'chat'),
  flag('parallel_tool_calls'),
  checkFormat,
  oneOf('service_tier', ['auto', 'default', 'flex', 'scale', 'priority']),
  metadata,
];

/** Returns the first validation error of a chat body whose model exists. */
export function checkChat(body: Body): ResponseDraft | undefined {
  return firstError(CHECKS, body);
}

function checkMessages({ messages }: Body): ResponseDraft | undefined {
  if (messages === undefined || messages === null) return missing('messages');
  if (!Array.isArray(messages)) return invalidType('messages', 'an array of objects', messages);
  if (messages.length === 0) return emptyArray('messages');
  for (const [index, message] of messages.entries()) {
    const error = checkMessage(message, `messages[${index}]`) ?? checkToolResult(messages, index);
    if (error) return error;
  }
  return undefined;
}

function checkMessage(message: unknown, path: string): ResponseDraft | undefined {
  if (!isObject(message)) return invalidType(path, 'an object', message);
  if (message.role === undefined) return missing(`${path}.role`);
  if (!ROLES.some((role) => role === message.role)) return invalidValue(`${path}.role`, valueText(message.role), ROLES);
  const { content } = message;
  const valid = typeof content === 'string' || content === null || content === undefined || Array.isArray(content);
  return valid ? undefined : invalidType(`${path}.content`, 'one of a string or array of objects', content);
}

/** Rejects a tool result that does not follow a tool call, as the provider does. */
function checkToolResult(messages: readonly Body[], index: number): ResponseDraft | undefined {
  if (messages[index]!.role !== 'tool') return undefined;
  const before = messages.slice(0, index).findLast(({ role }) => role !== 'tool');
  if (Array.isArray(before?.tool_calls)) {
    return messages[index]!.tool_call_id === undefined ? missing(`messages[${index}].tool_call_id`) : undefined;
  }
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return invalidRequest(400, message, `messages.[${index}].role`, null);
}

function checkMaxTokens({ model, max_tokens: given }: Body): ResponseDraft | undefined {
  if (given === undefined || given === null || !isReasoningModel(model as string)) return undefined;
  const message =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  return invalidRequest(400, message, 'max_tokens', 'unsupported_parameter');
}

function checkTemperature({ model, temperature }: Body): ResponseDraft | undefined {
  if (typeof temperature !== 'number' || temperature === 1 || !isReasoningModel(model as string)) return undefined;
  const message = `Unsupported value: 'temperature' does not support ${temperature} with this model. Only the default (1) value is supported.`;
  return invalidRequest(400, message, 'temperature', 'unsupported_value');
}

function checkStreamOptions({ stream, stream_options: options }: Body): ResponseDraft | undefined {
  if (options === undefined || options === null) return undefined;
  if (!isObject(options)) return invalidType('stream_options', 'an object', options);
  if (stream === true) return undefined;
  const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  return invalidRequest(400, message, 'stream_options', null);
}

function checkStop({ stop }: Body): ResponseDraft | undefined {
  if (stop === undefined || stop === null || typeof stop === 'string') return undefined;
  if (!Array.isArray(stop) || stop.some((word) => typeof word !== 'string')) {
    return invalidType('stop', 'one of a string or array of strings', stop);
  }
  if (stop.length <= 4) return undefined;
  const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`;
  return invalidRequest(400, message, 'stop', 'array_above_max_length');
}

function checkLogprobs({ logprobs, top_logprobs: top }: Body): ResponseDraft | undefined {
  if (top === undefined || top === null || logprobs === true) return undefined;
  const message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
  return invalidRequest(400, message, 'top_logprobs', null);
}

const FORMATS = ['json_object', 'json_schema', 'text'] as const;

function checkFormat({ response_format: format, messages }: Body): ResponseDraft | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) return invalidType('response_format', 'an object', format);
  if (format.type === undefined) return missing('response_format.type');
  if (!FORMATS.some((known) => known === format.type)) {
    return invalidValue('response_format.type', valueText(format.type), FORMATS);
  }
  if (format.type === 'json_object') return checkMentionsJson(messages as Body[]);
  return format.type === 'json_schema' ? checkJsonSchema(format.json_schema) : undefined;
}

function checkMentionsJson(messages: readonly Body[]): ResponseDraft | undefined {
  if (messages.some((message) => /json/i.test(partsText(message.content)))) return undefined;
  const message =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  return invalidRequest(400, message, 'messages', null);
}

function checkJsonSchema(wrapped: unknown): ResponseDraft | undefined {
  const path = 'response_format.json_schema';
  if (wrapped === undefined) return missing(path);
  if (!isObject(wrapped)) return invalidType(path, 'an object', wrapped);
  if (wrapped.name === undefined) return missing(`${path}.name`);
  return checkSchema(wrapped.schema, 'response_format', `response_format '${valueText(wrapped.name)}'`);
}

/** Reads a body that has passed `checkChat`. */
export function readChat(body: Body): ChatRequest {
  const options = isObject(body.stream_options) ? body.stream_options : {};
  return {
    completion: completionOf(body),
    n: (body.n ?? 1) as number,
    stream: body.stream === true,
    includeUsage: options.include_usage === true,
    obfuscate: options.include_obfuscation !== false,
    ...(body.logprobs === true && { topLogprobs: (body.top_logprobs ?? 0) as number }),
    serviceTier: tierOf(body.service_tier),
  };
}

function completionOf(body: Body): CompletionRequest {
  const turns = (body.messages as readonly Body[]).map(turnOf);
  const maxTokens = (body.max_completion_tokens ?? body.max_tokens ?? undefined) as number | undefined;
  const schema = schemaOf(body.response_format);
  return {
    ...plainCompletionRequest(body.model as string, turns),
    tools: functionsOf(body, 'chat'),
    toolChoice: toolChoiceOf(body, 'chat'),
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

/** Returns the service tier of the answer: the requested tier if it is `flex` or `priority`. */
export function tierOf(requested: unknown): string {
  return requested === 'flex' || requested === 'priority' ? requested : 'default';
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
