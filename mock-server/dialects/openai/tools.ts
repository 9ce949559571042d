import type { Tool } from '../../completion/completion-request.ts';
import { generateJson } from '../../completion/schema-value.ts';
import { valueText } from '../../json-value.ts';
import { type Body, isObject } from '../body.ts';
import type { ResponseDraft } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import { invalidType, invalidValue, missing } from './validation.ts';

/** Where an API puts a function's name and schema: inside `function` (chat), or at the top level (responses). */
export type ToolShape = 'chat' | 'responses';

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Returns the first error in `tools`. */
export function checkTools({ tools }: Body, shape: ToolShape): ResponseDraft | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) return invalidType('tools', 'an array of objects', tools);
  for (const [index, tool] of tools.entries()) {
    const error = checkTool(tool, `tools[${index}]`, shape);
    if (error) return error;
  }
  return undefined;
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

/** Returns the functions of a body whose tools have been checked. */
export function functionsOf({ tools }: Body, shape: ToolShape): Tool[] {
  if (!Array.isArray(tools)) return [];
  return (tools as Body[]).flatMap((tool) => {
    const spec = shape === 'chat' ? tool.function : tool;
    if (tool.type !== 'function' || !isObject(spec)) return [];
    return [{ name: valueText(spec.name), schema: spec.parameters ?? undefined }];
  });
}
