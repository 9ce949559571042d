import {
  type CompletionRequest,
  plainCompletionRequest,
  type Tool,
  type Turn,
} from '../../completion/completion-request.ts';
import { generateJson } from '../../completion/schema-value.ts';
import { asObject, valueText } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import { jsonSchemaOf } from './schema.ts';

/** A parsed `generateContent` body. `candidates` is the number of answers requested. */
export interface ContentRequest {
  readonly completion: CompletionRequest;
  readonly candidates: number;
}

/** Returns the provider's message for the first problem in a body, or undefined. */
export function contentProblem(body: Body): string | undefined {
  const { contents } = body;
  if (contents === undefined || contents === null || (Array.isArray(contents) && contents.length === 0)) {
    return '* GenerateContentRequest.contents: contents is not specified\n';
  }
  if (!Array.isArray(contents)) return unknownValue('contents', contents);
  for (const [index, content] of contents.entries()) {
    const problem = contentItemProblem(content, index);
    if (problem !== undefined) return problem;
  }
  return configProblem(configOf(body)) ?? toolsProblem(body);
}

function contentItemProblem(content: unknown, index: number): string | undefined {
  if (!isObject(content)) return unknownValue(`contents[${index}]`, content);
  const { role, parts } = content;
  if (role !== undefined && !['user', 'model', 'function'].includes(valueText(role))) {
    return 'Please use a valid role: user, model.';
  }
  if (parts === undefined || (Array.isArray(parts) && parts.length === 0)) {
    return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
  }
  return Array.isArray(parts) && parts.every(isObject) ? undefined : unknownValue(`contents[${index}].parts`, parts);
}

function configProblem(config: Body): string | undefined {
  const { maxOutputTokens: max, candidateCount: count } = config;
  if (max !== undefined && (!Number.isInteger(max) || (max as number) < 1)) {
    return `Unable to submit request because it has a maxOutputTokens value of ${valueText(max)} but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again.`;
  }
  if (count !== undefined && (!Number.isInteger(count) || (count as number) < 1 || (count as number) > 8)) {
    return `* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, 8], but was ${valueText(count)}.\n`;
  }
  const schema = schemaOf(config);
  const unsatisfiable = schema !== undefined && generateJson(schema, () => 0) === undefined;
  return unsatisfiable ? '* GenerateContentRequest.generation_config.response_schema: schema is invalid.\n' : undefined;
}

function toolsProblem(body: Body): string | undefined {
  if (body.tools !== undefined && !Array.isArray(body.tools)) return unknownValue('tools', body.tools);
  for (const [index, { name, schema }] of toolsOf(body).entries()) {
    const path = `* GenerateContentRequest.tools[0].function_declarations[${index}]`;
    if (!/^[a-zA-Z_][\w.:-]{0,63}$/.test(name)) return `${path}.name: Invalid function name.\n`;
    if (schema !== undefined && generateJson(schema, () => 0) === undefined)
      return `${path}.parameters: schema is invalid.\n`;
  }
  const { mode } = callingConfigOf(body);
  const isKnown = mode === undefined || MODES.some((known) => known === mode);
  return isKnown ? undefined : unknownValue('tool_config.function_calling_config.mode', mode);
}

/** `FunctionCallingConfig.Mode`. */
const MODES = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'];

function unknownValue(path: string, value: unknown): string {
  return `Invalid value at '${path}' (${typeof value}), ${JSON.stringify(value)}`;
}

/** Reads a field in either spelling; protocol buffers' JSON accepts both. */
function field(body: Body, camel: string, snake: string): unknown {
  return body[camel] ?? body[snake];
}

function configOf(body: Body): Body {
  const config = field(body, 'generationConfig', 'generation_config');
  return isObject(config) ? config : {};
}

/** Reads a body that has passed `contentProblem`. */
export function readContent(model: string, body: Body): ContentRequest {
  const config = configOf(body);
  const system = field(body, 'systemInstruction', 'system_instruction');
  const turns = (body.contents as Body[]).flatMap(turnsOf);
  const schema = schemaOf(config);
  const { maxOutputTokens: max, stopSequences: stop, candidateCount: count } = config;
  return {
    completion: {
      ...plainCompletionRequest(model, [...(system === undefined ? [] : systemTurn(system)), ...turns]),
      tools: toolsOf(body),
      toolChoice: toolChoiceOf(body),
      ...(schema !== undefined && { schema }),
      stop: Array.isArray(stop) ? stop.map(valueText) : [],
      ...(typeof max === 'number' && { maxTokens: max }),
    },
    candidates: typeof count === 'number' ? count : 1,
  };
}

function systemTurn(system: unknown): Turn[] {
  const text =
    typeof system === 'string'
      ? system
      : partsText(isObject(system) ? (Array.isArray(system.parts) ? system.parts : [system.parts]) : []);
  return text === '' ? [] : [{ role: 'system', text }];
}

/**
 * Converts one `contents` entry to turns; function responses are parts here and separate turns in
 * `CompletionRequest`.
 */
function turnsOf({ role, parts }: Body): Turn[] {
  const list = parts as Body[];
  const results = list
    .map((part) => part.functionResponse)
    .filter(isObject)
    .map(
      (result): Turn => ({
        role: 'tool',
        text: JSON.stringify(result.response ?? {}),
        toolCallId: valueText(result.id ?? result.name),
      }),
    );
  const text = partsText(list);
  if (text === '' && results.length > 0) return results;
  return [{ role: role === 'model' ? 'assistant' : 'user', text }, ...results];
}

function toolsOf({ tools }: Body): Tool[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isObject).flatMap((tool) => {
    const declared = field(tool, 'functionDeclarations', 'function_declarations');
    if (!Array.isArray(declared)) return [];
    return declared.filter(isObject).map((declaration) => ({
      name: valueText(declaration.name),
      schema:
        declaration.parametersJsonSchema ??
        (declaration.parameters === undefined ? undefined : jsonSchemaOf(declaration.parameters)),
    }));
  });
}

function callingConfigOf(body: Body): Body {
  const config = field(
    asObject(field(body, 'toolConfig', 'tool_config')),
    'functionCallingConfig',
    'function_calling_config',
  );
  return asObject(config);
}

function toolChoiceOf(body: Body): CompletionRequest['toolChoice'] {
  const config = callingConfigOf(body);
  const allowed = field(config, 'allowedFunctionNames', 'allowed_function_names');
  if (config.mode === 'NONE') return 'none';
  if (config.mode !== 'ANY') return 'auto';
  return Array.isArray(allowed) && allowed.length === 1 ? { name: valueText(allowed[0]) } : 'required';
}

function schemaOf(config: Body): unknown {
  if (config.responseMimeType !== 'application/json') return undefined;
  if (config.responseJsonSchema !== undefined) return config.responseJsonSchema;
  return config.responseSchema === undefined ? { type: 'object' } : jsonSchemaOf(config.responseSchema);
}
