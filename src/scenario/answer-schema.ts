import { z } from 'zod';
import type { Rule, RuleCall, RuleResponse } from '../../mock-server/completion/rules.ts';
import type { Answer } from '../../mock-server/settings.ts';
import { keysOf } from './fields.ts';

const plain = z.union([z.enum(['lorem', 'echo']), keysOf({ fixed: z.string() })], {
  error: 'must be one of lorem, echo, or { fixed: text }',
});

/** As text, or as the JSON value that the text would be. */
const jsonText = z
  .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const call = z.object({ name: z.string().min(1), arguments: jsonText.default('{}'), id: z.string().optional() });

const block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('toolCall'),
    name: z.string(),
    arguments: jsonText.default('{}'),
    id: z.string().optional(),
  }),
]);

const error = z.object({
  message: z.string(),
  type: z.string().optional(),
  code: z.union([z.string(), z.number()]).transform(String).optional(),
});

/** aimock's own format: keys that mean nothing here are let through, since files are to be used as they are. */
const rule = z
  .object({
    match: z
      .looseObject({
        userMessage: z.string().optional(),
        systemMessage: z.union([z.string(), z.array(z.string())]).optional(),
        inputText: z.string().optional(),
        toolCallId: z.string().optional(),
        toolResultContains: z.string().optional(),
        toolName: z.string().optional(),
        model: z.string().optional(),
        responseFormat: z.string().optional(),
        sequenceIndex: z.int().min(0).optional(),
        turnIndex: z.int().min(0).optional(),
        hasToolResult: z.boolean().optional(),
        endpoint: z.string().optional(),
      })
      .default({})
      .describe('When it speaks; texts match where they are contained.'),
    response: z.looseObject({
      content: jsonText.optional(),
      toolCalls: z.array(call).optional(),
      blocks: z.array(block).optional(),
      embedding: z.array(z.number()).optional(),
      error: error.optional(),
      status: z.int().min(400).max(599).optional(),
      retryAfter: z.number().min(0).optional().describe('Seconds, with an error.'),
    }),
  })
  .transform(({ match, response }): Rule => ({ match: known(match) as Rule['match'], response: responseOf(response) }));

interface RawResponse {
  content?: string | undefined;
  toolCalls?: readonly z.output<typeof call>[] | undefined;
  blocks?: readonly z.output<typeof block>[] | undefined;
  embedding?: number[] | undefined;
  error?: z.output<typeof error> | undefined;
  status?: number | undefined;
  retryAfter?: number | undefined;
}

function responseOf({
  content,
  toolCalls,
  blocks = [],
  embedding,
  error: wrong,
  status,
  retryAfter,
}: RawResponse): RuleResponse {
  const said = content ?? blocks.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('');
  const calls = [...(toolCalls ?? []), ...blocks.filter((one) => one.type === 'toolCall')].map(callOf);
  const silent = content === undefined && said === '';
  return {
    ...(!silent && { content: said }),
    ...(calls.length > 0 && { toolCalls: calls }),
    ...(embedding && { embedding }),
    ...(wrong && {
      error: {
        status: status ?? 500,
        message: wrong.message,
        ...(wrong.type !== undefined && { type: wrong.type }),
        ...(wrong.code !== undefined && { code: wrong.code }),
        ...(retryAfter !== undefined && { retryAfter }),
      },
    }),
  };
}

function callOf({
  name,
  arguments: given,
  id,
}: {
  name: string;
  arguments: string;
  id?: string | undefined;
}): RuleCall {
  return { name, arguments: given, ...(id !== undefined && { id }) };
}

const MATCHES = [
  'userMessage',
  'systemMessage',
  'inputText',
  'toolCallId',
  'toolResultContains',
  'toolName',
  'model',
  'responseFormat',
  'sequenceIndex',
  'turnIndex',
  'hasToolResult',
  'endpoint',
];

function known(match: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(match).filter(([key, value]) => MATCHES.includes(key) && value !== undefined),
  );
}

/** `load-scenario.ts` puts the rules of a file in the place of its name. */
export const answerSchema = z
  .union(
    [
      plain,
      keysOf({
        rules: z.array(rule).min(1).describe("Rules in aimock's fixture format; the first that fits speaks."),
        otherwise: plain.default('lorem').describe('What is said where no rule fits.'),
      }),
      keysOf({
        fixtures: z
          .union([z.string(), z.array(z.string())])
          .describe("Files in aimock's fixture format, beside the scenario."),
        otherwise: plain.default('lorem'),
      }).transform((_raw, context) => {
        context.addIssue({ code: 'custom', path: ['fixtures'], message: 'can only be read for a scenario in a file' });
        return z.NEVER;
      }),
    ],
    { error: 'must be one of lorem, echo, { fixed: text }, { rules: […] } or { fixtures: file }' },
  )
  .describe('What the model says.') satisfies z.ZodType<Answer>;
