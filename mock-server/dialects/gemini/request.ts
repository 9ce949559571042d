import { type Ask, plainAsk, type Tool, type Turn } from '../../completion/ask.ts';
import { jsonFor } from '../../completion/schema-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import { jsonSchemaOf } from './schema.ts';

/** A request for content: what is asked, and how many answers are wanted. */
export interface ContentRequest {
  readonly ask: Ask;
  readonly candidates: number;
}

/** The first thing wrong with a body, or undefined. */
export function contentProblem(body: Body): string | undefined {
  const { contents } = body;
  if (contents === undefined || contents === null || (Array.isArray(contents) && contents.length === 0)) {
    return '* GenerateContentRequest.contents: contents is not specified\n';
  }
  if (!Array.isArray(contents)) return unknownValue('contents', contents);
  for (const [index, content] of contents.entries()) {
    const problem = oneContentProblem(content, index);
    if (problem !== undefined) return problem;
  }
  return configProblem(configOf(body)) ?? toolsProblem(body);
}

function oneContentProblem(content: unknown, index: number): string | undefined {
  if (!isObject(content)) return unknownValue(`contents[${index}]`, content);
  const { role, parts } = content;
  if (role !== undefined && !['user', 'model', 'function'].includes(String(role))) {
    return 'Please use a valid role: user, model.';
  }
  if (parts === undefined || (Array.isArray(parts) && parts.length === 0)) {
    return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
  }
  return Array.isArray(parts) && parts.every(isObject) ? undefined : unknownValue(`contents[${index}].parts`, parts);
}

function configProblem(config: Body): string | undefined {
  const { maxOutputTokens: most, candidateCount: count } = config;
  if (most !== undefined && (!Number.isInteger(most) || (most as number) < 1)) {
    return `Unable to submit request because it has a maxOutputTokens value of ${String(most)} but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again.`;
  }
  if (count !== undefined && (!Number.isInteger(count) || (count as number) < 1 || (count as number) > 8)) {
    return `* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, 8], but was ${String(count)}.\n`;
  }
  const schema = schemaOf(config);
  const unsatisfiable = schema !== undefined && jsonFor(schema, () => 0) === undefined;
  return unsatisfiable ? '* GenerateContentRequest.generation_config.response_schema: schema is invalid.\n' : undefined;
}

function toolsProblem(body: Body): string | undefined {
  if (body.tools !== undefined && !Array.isArray(body.tools)) return unknownValue('tools', body.tools);
  for (const [index, { name, schema }] of toolsOf(body).entries()) {
    const path = `* GenerateContentRequest.tools[0].function_declarations[${index}]`;
    if (!/^[a-zA-Z_][\w.:-]{0,63}$/.test(name)) return `${path}.name: Invalid function name.\n`;
    if (schema !== undefined && jsonFor(schema, () => 0) === undefined)
      return `${path}.parameters: schema is invalid.\n`;
  }
  return undefined;
}

function unknownValue(path: string, value: unknown): string {
  return `Invalid value at '${path}' (${typeof value}), ${JSON.stringify(value)}`;
}

/** Both spellings of a key are accepted, as in every JSON form of protocol buffers. */
function field(body: Body, camel: string, snake: string): unknown {
  return body[camel] ?? body[snake];
}

function configOf(body: Body): Body {
  const config = field(body, 'generationConfig', 'generation_config');
  return isObject(config) ? config : {};
}

/** Reads a body in which nothing is wrong. */
export function readContent(model: string, body: Body): ContentRequest {
  const config = configOf(body);
  const system = field(body, 'systemInstruction', 'system_instruction');
  const turns = (body.contents as Body[]).flatMap(turnsOf);
  const schema = schemaOf(config);
  const { maxOutputTokens: most, stopSequences: stop, candidateCount: count } = config;
  return {
    ask: {
      ...plainAsk(model, [...(system === undefined ? [] : systemTurn(system)), ...turns]),
      tools: toolsOf(body),
      toolChoice: choiceOf(body),
      ...(schema !== undefined && { schema }),
      stop: Array.isArray(stop) ? stop.map(String) : [],
      ...(typeof most === 'number' && { maxTokens: most }),
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

/** Answers of functions are parts of a content here, and turns of their own elsewhere. */
function turnsOf({ role, parts }: Body): Turn[] {
  const list = parts as Body[];
  const results = list
    .map((part) => part.functionResponse)
    .filter(isObject)
    .map(
      (result): Turn => ({
        role: 'tool',
        text: JSON.stringify(result.response ?? {}),
        toolCallId: String(result.id ?? result.name),
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
    return declared.filter(isObject).map((one) => ({
      name: String(one.name),
      schema: one.parametersJsonSchema ?? (one.parameters === undefined ? undefined : jsonSchemaOf(one.parameters)),
    }));
  });
}

function choiceOf(body: Body): Ask['toolChoice'] {
  const outer = field(body, 'toolConfig', 'tool_config');
  const config = isObject(outer) ? field(outer, 'functionCallingConfig', 'function_calling_config') : undefined;
  if (!isObject(config)) return 'auto';
  const allowed = field(config, 'allowedFunctionNames', 'allowed_function_names');
  if (config.mode === 'NONE') return 'none';
  if (config.mode !== 'ANY') return 'auto';
  return Array.isArray(allowed) && allowed.length === 1 ? { name: String(allowed[0]) } : 'required';
}

function schemaOf(config: Body): unknown {
  if (config.responseMimeType !== 'application/json') return undefined;
  if (config.responseJsonSchema !== undefined) return config.responseJsonSchema;
  return config.responseSchema === undefined ? { type: 'object' } : jsonSchemaOf(config.responseSchema);
}
