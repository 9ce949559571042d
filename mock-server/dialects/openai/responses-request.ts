import { type CompletionRequest, plainCompletionRequest, type Turn } from '../../completion/completion-request.ts';
import { valueText } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { tierOf } from './chat-request.ts';
import { invalidRequest } from './errors.ts';
import { checkToolChoice, toolChoiceOf } from './tool-choice.ts';
import { checkSchema, checkTools, functionsOf } from './tools.ts';
import {
  type BodyCheck,
  decimal,
  firstError,
  flag,
  invalidType,
  invalidValue,
  metadata,
  missing,
  object,
  oneOf,
  required,
  text,
  wholeNumber,
} from './validation.ts';

/** The parts of a Responses API request that determine its answer and cost. */
export interface ResponsesRequest {
  readonly completion: CompletionRequest;
  readonly stream: boolean;
  readonly obfuscate: boolean;
  /** Whether to store the conversation for `previous_response_id`. */
  readonly store: boolean;
  readonly serviceTier: string;
  /** Request fields that the response repeats. */
  readonly echoed: object;
}

/** The response repeats most of the fields, so that each that it repeats is checked. */
const CHECKS: readonly BodyCheck[] = [
  checkInput,
  text('instructions'),
  wholeNumber('max_output_tokens', 1),
  wholeNumber('max_tool_calls', 1),
  wholeNumber('top_logprobs', 0, 20),
  decimal('temperature', 0, 2),
  decimal('top_p', 0, 1),
  flag('stream'),
  flag('store'),
  flag('parallel_tool_calls'),
  (body) => checkTools(body, 'responses'),
  (body) => checkToolChoice(body, 'responses'),
  object('reasoning'),
  oneOf('reasoning.effort', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']),
  oneOf('reasoning.summary', ['auto', 'concise', 'detailed']),
  checkText,
  oneOf('text.verbosity', ['low', 'medium', 'high']),
  oneOf('truncation', ['auto', 'disabled']),
  text('user'),
  metadata,
];

/** Returns the first validation error of a body whose model exists. */
export function checkResponses(body: Body, { memory }: RequestContext): ResponseDraft | undefined {
  const error = firstError(CHECKS, body);
  if (error) return error;
  const { previous_response_id: previous } = body;
  if (previous === undefined || previous === null) return undefined;
  if (typeof previous !== 'string') return invalidType('previous_response_id', 'a string', previous);
  if (memory.conversations.has(previous)) return undefined;
  const message = `Previous response with id '${previous}' not found.`;
  return invalidRequest(400, message, 'previous_response_id', 'previous_response_not_found');
}

const ROLES = ['assistant', 'system', 'developer', 'user'] as const;

function checkInput({ input }: Body): ResponseDraft | undefined {
  if (input === undefined || input === null) return missing('input');
  if (typeof input === 'string') return undefined;
  if (!Array.isArray(input)) return invalidType('input', 'one of a string or array of input items', input);
  for (const [index, item] of input.entries()) {
    const path = `input[${index}]`;
    if (!isObject(item)) return invalidType(path, 'an object', item);
    if (item.type !== undefined && item.type !== 'message') continue;
    if (item.role === undefined) return missing(`${path}.role`);
    if (!ROLES.some((role) => role === item.role)) return invalidValue(`${path}.role`, valueText(item.role), ROLES);
  }
  return undefined;
}

const SCHEMA_FORMAT: readonly BodyCheck[] = [
  required('text.format.name'),
  text('text.format.name'),
  required('text.format.schema'),
  text('text.format.description'),
  flag('text.format.strict'),
];

const FORMATS = ['text', 'json_object', 'json_schema'] as const;

function checkText(body: Body): ResponseDraft | undefined {
  const { text: given } = body;
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) return invalidType('text', 'an object', given);
  const { format } = given;
  if (format === undefined) return undefined;
  if (!isObject(format)) return invalidType('text.format', 'an object', format);
  if (!FORMATS.some((known) => known === format.type)) {
    return invalidValue('text.format.type', valueText(format.type), FORMATS);
  }
  if (format.type !== 'json_schema') return undefined;
  return (
    firstError(SCHEMA_FORMAT, body) ??
    checkSchema(format.schema, 'text.format.schema', `response_format '${valueText(format.name)}'`)
  );
}

/** Reads a body that has passed `checkResponses`, with the stored turns of the conversation it continues. */
export function readResponses(body: Body, { memory }: RequestContext): ResponsesRequest {
  const { previous_response_id: previous, stream_options: options } = body;
  const history = typeof previous === 'string' ? memory.conversations.get(previous)! : [];
  return {
    completion: completionOf(body, history),
    stream: body.stream === true,
    obfuscate: (options as Body | undefined)?.include_obfuscation !== false,
    store: body.store !== false,
    serviceTier: tierOf(body.service_tier),
    echoed: echoedFields(body),
  };
}

function completionOf(body: Body, history: readonly Turn[]): CompletionRequest {
  const instructions: Turn[] =
    typeof body.instructions === 'string' ? [{ role: 'system', text: body.instructions }] : [];
  const { input, max_output_tokens: maxTokens } = body;
  const items: Turn[] =
    typeof input === 'string' ? [{ role: 'user', text: input }] : (input as Body[]).flatMap((item) => turnOf(item));
  const schema = schemaOf(body.text);
  return {
    ...plainCompletionRequest(body.model as string, [...instructions, ...history, ...items]),
    tools: functionsOf(body, 'responses'),
    toolChoice: toolChoiceOf(body, 'responses'),
    parallelTools: body.parallel_tool_calls !== false,
    ...(schema !== undefined && { schema }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
  };
}

function turnOf(item: Body): Turn[] {
  if (item.type === 'function_call_output') {
    return [{ role: 'tool', text: partsText(item.output), toolCallId: valueText(item.call_id) }];
  }
  if (item.type === 'function_call') return [{ role: 'assistant', text: valueText(item.arguments ?? '') }];
  if (item.type !== undefined && item.type !== 'message') return [];
  const role = item.role === 'developer' ? 'system' : (item.role as Turn['role']);
  return [{ role, text: partsText(item.content) }];
}

function schemaOf(text: unknown): unknown {
  const format = isObject(text) && isObject(text.format) ? text.format : undefined;
  if (format?.type === 'json_schema') return format.schema;
  return format?.type === 'json_object' ? { type: 'object' } : undefined;
}

function echoedFields(body: Body): object {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  const text = isObject(body.text) ? body.text : {};
  return {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: text.format ?? { type: 'text' }, verbosity: text.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (Array.isArray(body.tools) ? body.tools : []).map(toolEcho),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    ...(typeof body.user === 'string' && { user: body.user }),
    metadata: body.metadata ?? {},
  };
}

/** Adds the defaults that the provider adds to a function definition. */
function toolEcho(tool: Body): object {
  if (tool.type !== 'function') return tool;
  return { strict: true, description: null, parameters: null, ...tool };
}
