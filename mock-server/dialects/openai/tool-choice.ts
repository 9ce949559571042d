import type { CompletionRequest } from '../../completion/completion-request.ts';
import { asObjects, valueText } from '../../json-value.ts';
import { type Body, isObject } from '../body.ts';
import type { ResponseDraft } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import { functionsOf, type ToolShape } from './tools.ts';
import {
  type BodyCheck,
  firstError,
  invalidType,
  invalidValue,
  object,
  objects,
  oneOf,
  required,
  text,
} from './validation.ts';

const WORDS = ['none', 'auto', 'required'] as const;

const name = (param: string): BodyCheck[] => [required(`${param}.name`), text(`${param}.name`)];
const ofObject = (param: string, more: readonly BodyCheck[]): BodyCheck[] => [required(param), object(param), ...more];
const allowed = (param: string): BodyCheck[] => [
  required(`${param}.mode`),
  oneOf(`${param}.mode`, ['auto', 'required']),
  required(`${param}.tools`),
  objects(`${param}.tools`),
];

/** Tools of the provider that a choice names by their type alone. */
const HOSTED = [
  'file_search',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'computer',
  'computer_use',
  'computer_use_preview',
  'image_generation',
  'code_interpreter',
  'programmatic_tool_calling',
  'apply_patch',
  'shell',
];

/** What a choice holds, by its `type`: `ChatCompletionToolChoiceOption` and `ToolChoiceParam` of the published schema. */
const FIELDS: Readonly<Record<ToolShape, ReadonlyMap<string, readonly BodyCheck[]>>> = {
  chat: new Map([
    ['allowed_tools', ofObject('tool_choice.allowed_tools', allowed('tool_choice.allowed_tools'))],
    ['function', ofObject('tool_choice.function', name('tool_choice.function'))],
    ['custom', ofObject('tool_choice.custom', name('tool_choice.custom'))],
  ]),
  responses: new Map([
    ['allowed_tools', allowed('tool_choice')],
    ['function', name('tool_choice')],
    ['custom', name('tool_choice')],
    ['mcp', [required('tool_choice.server_label'), text('tool_choice.server_label'), text('tool_choice.name')]],
    ...HOSTED.map((type): [string, BodyCheck[]] => [type, []]),
  ]),
};

const TYPE: readonly BodyCheck[] = [required('tool_choice.type'), text('tool_choice.type')];

/** Returns the first error in `tool_choice` of a body whose tools have been checked. */
export function checkToolChoice(body: Body, shape: ToolShape): ResponseDraft | undefined {
  const { tool_choice: choice } = body;
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === 'string') return checkWord(choice, functionsOf(body, shape).length > 0);
  if (!isObject(choice)) return invalidType('tool_choice', 'one of a string or object', choice);
  const error = firstError(TYPE, body);
  if (error) return error;
  const type = choice.type as string;
  const fields = FIELDS[shape].get(type);
  if (fields === undefined) return checkOtherType(type, body, [...FIELDS[shape].keys()]);
  return firstError(fields, body) ?? (type === 'function' ? checkFunction(body, shape) : undefined);
}

function checkWord(choice: string, hasTools: boolean): ResponseDraft | undefined {
  if (!WORDS.some((word) => word === choice)) return invalidValue('tool_choice', choice, WORDS);
  if (choice !== 'required' || hasTools) return undefined;
  const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
  return invalidRequest(400, message, 'tool_choice', null);
}

/** A tool that is newer than the table can be chosen where it is given. */
function checkOtherType(type: string, { tools }: Body, known: readonly string[]): ResponseDraft | undefined {
  const isGiven = asObjects(tools).some((tool) => tool.type === type);
  return isGiven ? undefined : invalidValue('tool_choice.type', type, known);
}

function checkFunction(body: Body, shape: ToolShape): ResponseDraft | undefined {
  const chosen = namedIn(body.tool_choice as Body, shape);
  if (functionsOf(body, shape).some((tool) => tool.name === chosen)) return undefined;
  const message = `Invalid value for 'tool_choice': '${valueText(chosen)}' was not found in the 'tools' list.`;
  return invalidRequest(400, message, 'tool_choice', null);
}

function namedIn(choice: Body, shape: ToolShape): unknown {
  return shape === 'chat' ? isObject(choice.function) && choice.function.name : choice.name;
}

/** Returns which function the model must call, if any, by a body that has passed `checkToolChoice`. */
export function toolChoiceOf({ tool_choice: choice }: Body, shape: ToolShape): CompletionRequest['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice;
  if (!isObject(choice) || choice.type !== 'function') return 'auto';
  return { name: valueText(namedIn(choice, shape)) };
}
