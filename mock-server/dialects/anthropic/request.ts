import {
  type CompletionRequest,
  plainCompletionRequest,
  type Tool,
  type Turn,
} from '../../completion/completion-request.ts';
import { generateJson } from '../../completion/schema-value.ts';
import { valueText } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';

/** The parts of a Messages request that determine its answer and cost. */
export interface MessagesRequest {
  readonly completion: CompletionRequest;
  readonly stream: boolean;
}

/** Returns the provider's message for the first validation error of a body, or undefined. */
export function messagesProblem(body: Body, needsMaxTokens: boolean): string | undefined {
  return (
    required(body, 'model') ??
    (needsMaxTokens ? maxTokensProblem(body.max_tokens) : undefined) ??
    required(body, 'messages') ??
    messageListProblem(body.messages) ??
    systemProblem(body.system) ??
    rangeProblem('temperature', body.temperature, 0, 1) ??
    rangeProblem('top_p', body.top_p, 0, 1) ??
    (body.stream === undefined || typeof body.stream === 'boolean'
      ? undefined
      : 'stream: Input should be a valid boolean') ??
    toolsProblem(body)
  );
}

function required(body: Body, field: string): string | undefined {
  if (body[field] === undefined || body[field] === null) return `${field}: Field required`;
  return field === 'model' && typeof body.model !== 'string' ? 'model: Input should be a valid string' : undefined;
}

function maxTokensProblem(given: unknown): string | undefined {
  if (given === undefined || given === null) return 'max_tokens: Field required';
  if (typeof given !== 'number' || !Number.isInteger(given)) return 'max_tokens: Input should be a valid integer';
  return given < 1 ? 'max_tokens: Input should be greater than or equal to 1' : undefined;
}

function rangeProblem(field: string, given: unknown, min: number, max: number): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'number') return `${field}: Input should be a valid number`;
  return given < min || given > max ? `${field}: range: ${min}..${max}` : undefined;
}

function messageListProblem(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return 'messages: Input should be a valid list';
  if (messages.length === 0) return 'messages: at least one message is required';
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `messages.${index}: Input should be a valid dictionary`;
    const { role, content } = message;
    if (role !== 'user' && role !== 'assistant') {
      return role === undefined
        ? `messages.${index}.role: Field required`
        : `messages.${index}.role: Input should be 'user' or 'assistant'`;
    }
    if (content === undefined) return `messages.${index}.content: Field required`;
    const problem = contentProblem(content, `messages.${index}.content`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function contentProblem(content: unknown, path: string): string | undefined {
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return `${path}: Input should be a valid list`;
  const invalid = content.findIndex((block) => !isObject(block) || typeof block.type !== 'string');
  return invalid < 0 ? undefined : `${path}.${invalid}.type: Field required`;
}

function systemProblem(system: unknown): string | undefined {
  if (system === undefined || typeof system === 'string' || Array.isArray(system)) return undefined;
  return 'system: Input should be a valid list';
}

function toolsProblem({ tools, tool_choice: choice }: Body): string | undefined {
  if (tools !== undefined && !Array.isArray(tools)) return 'tools: Input should be a valid list';
  const list = (tools ?? []) as unknown[];
  for (const [index, tool] of list.entries()) {
    if (!isObject(tool)) return `tools.${index}: Input should be a valid dictionary`;
    if (typeof tool.name !== 'string') return `tools.${index}.name: Field required`;
    if (tool.type !== undefined && tool.type !== 'custom') continue;
    if (tool.input_schema === undefined) return `tools.${index}.input_schema: Field required`;
    if (generateJson(tool.input_schema, () => 0) === undefined) {
      return `tools.${index}.input_schema: JSON schema is invalid: it cannot be satisfied`;
    }
  }
  return choice === undefined ? undefined : choiceProblem(choice, list as Body[]);
}

const CHOICES = ['any', 'auto', 'none', 'tool'] as const;

function choiceProblem(choice: unknown, tools: readonly Body[]): string | undefined {
  if (!isObject(choice)) return 'tool_choice: Input should be a valid dictionary';
  const { type, name } = choice;
  if (type === undefined) return "tool_choice: Unable to extract tag using discriminator 'type'";
  if (!CHOICES.some((known) => known === type)) {
    const known = CHOICES.map((word) => `'${word}'`).join(', ');
    return `tool_choice: Input tag '${valueText(type)}' found using 'type' does not match any of the expected tags: ${known}`;
  }
  if (type !== 'tool') return undefined;
  if (typeof name !== 'string')
    return `tool_choice.tool.name: ${name === undefined ? 'Field required' : 'Input should be a valid string'}`;
  return tools.some((tool) => tool.name === name)
    ? undefined
    : `tool_choice: Tool '${name}' not found in provided tools`;
}

/** Reads a body that has passed `messagesProblem`. */
export function readMessages(body: Body): MessagesRequest {
  const { system, messages, max_tokens: maxTokens, tool_choice: choice } = body;
  const instructions = contentTurns('system', system ?? '').filter(({ text }) => text !== '');
  const turns = (messages as Body[]).flatMap(({ role, content }) => contentTurns(role as Turn['role'], content));
  const schema = outputSchemaOf(body);
  return {
    completion: {
      ...plainCompletionRequest(body.model as string, [...instructions, ...turns]),
      tools: toolsOf(body),
      toolChoice: toolChoiceOf(choice),
      parallelTools: !(isObject(choice) && choice.disable_parallel_tool_use === true),
      ...(schema !== undefined && { schema }),
      stop: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(valueText) : [],
      ...(typeof maxTokens === 'number' && { maxTokens }),
    },
    stream: body.stream === true,
  };
}

/** Converts a message to turns; tool results are content blocks here and separate turns in `CompletionRequest`. */
function contentTurns(role: Turn['role'], content: unknown): Turn[] {
  if (typeof content === 'string') return [{ role, text: content }];
  if (!Array.isArray(content)) return [];
  const blocks = content.filter(isObject);
  const results = blocks
    .filter(({ type }) => type === 'tool_result')
    .map((block): Turn => ({ role: 'tool', text: partsText(block.content), toolCallId: valueText(block.tool_use_id) }));
  const text = partsText(content);
  return text === '' && results.length > 0 ? results : [{ role, text }, ...results];
}

function toolsOf({ tools }: Body): Tool[] {
  if (!Array.isArray(tools)) return [];
  return (tools as Body[])
    .filter(({ input_schema: schema }) => schema !== undefined)
    .map(({ name, input_schema: schema }) => ({ name: valueText(name), schema }));
}

function toolChoiceOf(choice: unknown): CompletionRequest['toolChoice'] {
  if (!isObject(choice)) return 'auto';
  if (choice.type === 'any') return 'required';
  if (choice.type === 'none') return 'none';
  return choice.type === 'tool' ? { name: valueText(choice.name) } : 'auto';
}

/** Returns the schema of structured output, from `output_config` or the older `output_format`. */
function outputSchemaOf(body: Body): unknown {
  const config = isObject(body.output_config) ? body.output_config.format : body.output_format;
  return isObject(config) && config.type === 'json_schema' ? config.schema : undefined;
}
