import type { CompletionRequest, Tool } from '../../completion/completion-request.ts';
import { generateJson } from '../../completion/schema-value.ts';
import { valueText } from '../../json-value.ts';
import { type Body, isObject } from '../body.ts';
import type { ResponseDraft } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import { invalidType, invalidValue, missing } from './validation.ts';

const CHOICES = ['none', 'auto', 'required'] as const;

/** Where an API puts a function's name and schema: inside `function` (chat), or at the top level (responses). */
export type ToolShape = 'chat' | 'responses';

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Returns the first error in `tools` and `tool_choice`. */
export function checkTools(body: Body, shape: ToolShape): ResponseDraft | undefined {
  const { tools, tool_choice: choice } = body;
  if (tools !== undefined && tools !== null) {
    if (!Array.isArray(tools)) return invalidType('tools', 'an array of objects', tools);
    for (const [index, tool] of tools.entries()) {
      const error = checkTool(tool, `tools[${index}]`, shape);
      if (error) return error;
    }
  }
  return checkChoice(choice, functionsOf(body, shape), shape);
}

function checkTool(tool: unknown, path: string, shape: ToolShape): ResponseDraft | undefined {
  if (!isObject(tool)) return invalidType(path, 'an object', tool);
  if (tool.type === undefined) return missing(`${path}.type`);
  if (typeof tool.type !== 'string') return invalidType(`${path}.type`, 'a string', tool.type);
  if (tool.type !== 'function') return shape === 'chat' ? checkKind(tool.type, `${path}.type`) : undefined;
  const spec = shape === 'chat' ? tool.function : tool;
  const at = shape === 'chat' ? `${path}.function` : path;
  if (!isObject(spec)) return spec === undefined ? missing(at) : invalidType(at, 'an object', spec);
  if (spec.name === undefined) return missing(`${at}.name`);
  if (typeof spec.name !== 'string' || !NAME.test(spec.name)) {
    const message = `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
    return invalidRequest(400, message, `${at}.name`, 'invalid_value');
  }
  const { description, strict, parameters } = spec;
  if (isGiven(description) && typeof description !== 'string')
    return invalidType(`${at}.description`, 'a string', description);
  if (isGiven(strict) && typeof strict !== 'boolean') return invalidType(`${at}.strict`, 'a boolean', strict);
  return checkSchema(parameters, `${at}.parameters`, `function '${spec.name}'`);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function checkKind(type: string, path: string): ResponseDraft | undefined {
  return type === 'custom' ? undefined : invalidValue(path, type, ['function', 'custom']);
}

/** Checks that an answer can satisfy a schema. */
export function checkSchema(schema: unknown, path: string, owner: string): ResponseDraft | undefined {
  if (schema === undefined || schema === null) return undefined;
  if (!isObject(schema)) return invalidType(path, 'an object', schema);
  if (generateJson(schema, () => 0) !== undefined) return undefined;
  const message = `Invalid schema for ${owner}: the schema cannot be satisfied.`;
  return invalidRequest(400, message, path, owner.startsWith('function') ? 'invalid_function_parameters' : null);
}

function checkChoice(choice: unknown, tools: readonly Tool[], shape: ToolShape): ResponseDraft | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === 'string') return checkChoiceWord(choice, tools);
  if (!isObject(choice)) return invalidType('tool_choice', 'one of a string or object', choice);
  const name = namedIn(choice, shape);
  if (choice.type !== 'function' || tools.some((tool) => tool.name === name)) return undefined;
  const message = `Invalid value for 'tool_choice': '${valueText(name)}' was not found in the 'tools' list.`;
  return invalidRequest(400, message, 'tool_choice', null);
}

function checkChoiceWord(choice: string, tools: readonly Tool[]): ResponseDraft | undefined {
  if (!CHOICES.some((word) => word === choice)) return invalidValue('tool_choice', choice, CHOICES);
  if (choice !== 'required' || tools.length > 0) return undefined;
  const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
  return invalidRequest(400, message, 'tool_choice', null);
}

function namedIn(choice: Body, shape: ToolShape): unknown {
  return shape === 'chat' ? isObject(choice.function) && choice.function.name : choice.name;
}

/** Returns the functions of a body whose tools have been checked. */
export function functionsOf({ tools }: Body, shape: ToolShape): Tool[] {
  if (!Array.isArray(tools)) return [];
  return (tools as Body[]).flatMap((tool) => {
    const spec = shape === 'chat' ? tool.function : tool;
    if (tool.type !== 'function' || !isObject(spec)) return [];
    return [{ name: valueText(spec.name), schema: spec.parameters ?? undefined }];
  });
}

/** Returns which function the model must call, if any. */
export function toolChoiceOf({ tool_choice: choice }: Body, shape: ToolShape): CompletionRequest['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice;
  if (!isObject(choice) || choice.type !== 'function') return 'auto';
  return { name: valueText(namedIn(choice, shape)) };
}
