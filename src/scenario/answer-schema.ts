import { z } from 'zod';
import type { Rule, RuleCall, RuleResponse } from '../../mock-server/completion/rules.ts';
import { omitUndefined } from '../../mock-server/json-value.ts';
import { keysOf } from '../../mock-server/setting-fields.ts';
import type { AnswerSettings } from '../../mock-server/settings.ts';

const simpleAnswer = z.union([z.enum(['lorem', 'echo']), keysOf({ fixed: z.string().describe('This text.') })], {
  error: 'must be one of lorem, echo, or { fixed: text }',
});

/** A string, or a JSON value that is serialised into one. */
const jsonText = z
  .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const callFields = {
  name: z.string().min(1).describe('The tool called.'),
  arguments: jsonText.prefault('{}').describe('Its arguments: JSON, or a block that becomes JSON.'),
  id: z.string().optional().describe('Id of the call; made up when omitted.'),
};

const call = keysOf(callFields);

const block = z.discriminatedUnion('type', [
  keysOf({ type: z.literal('text').describe('Text.'), text: z.string().describe('The text.') }),
  keysOf({ type: z.literal('toolCall').describe('A tool call.'), ...callFields }),
]);

const error = keysOf({
  message: z.string().describe('Message in the body.'),
  type: z.string().optional().describe('Type in the body.'),
  code: z.union([z.string(), z.number()]).transform(String).optional().describe('Code in the body.'),
});

const match = keysOf({
  userMessage: z.string().optional().describe('Part of the last message of the user.'),
  systemMessage: z
    .union([z.string(), z.array(z.string())], { error: 'must be a text, or a list of texts' })
    .optional()
    .describe('Part of the system message, or several parts.'),
  inputText: z.string().optional().describe('Part of the text to be embedded or moderated.'),
  toolCallId: z.string().optional().describe('Id of the tool call whose result comes last.'),
  toolResultContains: z.string().optional().describe('Part of the result of a tool that comes last.'),
  toolName: z.string().optional().describe('A tool that the request offers.'),
  model: z.string().optional().describe('The model requested; dated snapshots of it match too.'),
  responseFormat: z
    .string()
    .optional()
    .describe('`text` for requests without a schema, `json_schema` for those with one.'),
  sequenceIndex: z
    .int()
    .min(0)
    .optional()
    .describe('Only the request with this number among those that match, from 0 on.'),
  turnIndex: z.int().min(0).optional().describe('The turn: how many answers of the assistant come before the request.'),
  hasToolResult: z.boolean().optional().describe('Whether the request has the result of a tool.'),
  endpoint: z.enum(['chat', 'embedding', 'moderation']).optional().describe('The kind of request.'),
  prefill: z.boolean().optional().describe('Whether the last message is of the assistant.'),
})
  .prefault({})
  .describe('When the rule applies. Text keys match as substrings.');

const response = keysOf({
  content: jsonText.optional().describe('Text of the answer, or a block that becomes JSON.'),
  toolCalls: z.array(call).optional().describe('Tools that the model calls.'),
  blocks: z.array(block).optional().describe('Text and tool calls in this order.'),
  embedding: z.array(z.number()).optional().describe('The vector of an embedding.'),
  error: error.optional().describe('An error instead of an answer.'),
  status: z.int().min(400).max(599).optional().describe('Status of the error; 500 when omitted.'),
  retryAfter: z.number().min(0).optional().describe('Retry-After of the error, in seconds.'),
});

/** A rule in the format of aimock. Keys of aimock that QuotaLab lacks are removed from its files beforehand (`fixtures.ts`). */
const rule = keysOf({ match, response: response.describe('What is answered.') }).transform((raw, context): Rule => {
  for (const { path, message, example } of responseProblems(raw.response)) {
    context.addIssue({ code: 'custom', path: ['response', ...path], message, params: { example } });
  }
  return { match: omitUndefined(raw.match), response: toResponse(raw.response) };
});

const EMPTY = 'must have one of content, toolCalls, blocks, embedding or error';

interface ResponseProblem {
  readonly path: readonly string[];
  readonly message: string;
  /** A right value. */
  readonly example?: unknown;
}

function responseProblems({
  content,
  toolCalls,
  blocks,
  embedding,
  error: failure,
  ...rest
}: RawResponse): ResponseProblem[] {
  if (failure !== undefined) return [];
  const isEmpty = [content, toolCalls, blocks, embedding].every((part) => part === undefined);
  const keys = (['status', 'retryAfter'] as const).filter((key) => rest[key] !== undefined);
  return [
    ...(isEmpty ? [{ path: [], message: EMPTY, example: { content: 'x' } }] : []),
    ...keys.map((key) => ({ path: [key], message: 'requires error' })),
  ];
}

interface RawResponse {
  content?: string | undefined;
  toolCalls?: readonly z.output<typeof call>[] | undefined;
  blocks?: readonly z.output<typeof block>[] | undefined;
  embedding?: number[] | undefined;
  error?: z.output<typeof error> | undefined;
  status?: number | undefined;
  retryAfter?: number | undefined;
}

function toResponse({
  content,
  toolCalls,
  blocks = [],
  embedding,
  error: failure,
  status,
  retryAfter,
}: RawResponse): RuleResponse {
  const text = content ?? blocks.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  const calls = [...(toolCalls ?? []), ...blocks.filter((part) => part.type === 'toolCall')].map(toCall);
  const isEmpty = content === undefined && text === '';
  return {
    ...(!isEmpty && { content: text }),
    ...(calls.length > 0 && { toolCalls: calls }),
    ...(embedding && { embedding }),
    ...(failure && {
      error: {
        status: status ?? 500,
        message: failure.message,
        ...(failure.type !== undefined && { type: failure.type }),
        ...(failure.code !== undefined && { code: failure.code }),
        ...(retryAfter !== undefined && { retryAfter }),
      },
    }),
  };
}

function toCall({ name, arguments: args, id }: { name: string; arguments: string; id?: string | undefined }): RuleCall {
  return { name, arguments: args, ...(id !== undefined && { id }) };
}

/** The `answer:` block. `load-scenario.ts` replaces `fixtures` by the rules in those files before it is parsed. */
export const answerSchema = z
  .union(
    [
      simpleAnswer,
      keysOf({
        rules: z.array(rule).min(1).describe("Rules in aimock's fixture format; the first match is used."),
        otherwise: simpleAnswer.default('lorem').describe('The answer when no rule matches.'),
      }),
      keysOf({
        fixtures: z
          .union([z.string(), z.array(z.string())])
          .describe("Files in aimock's fixture format, relative to the scenario."),
        otherwise: simpleAnswer.default('lorem').describe('The answer when no rule matches.'),
      }).transform((_raw, context) => {
        context.addIssue({ code: 'custom', path: ['fixtures'], message: 'is only supported in a scenario file' });
        return z.NEVER;
      }),
    ],
    { error: 'must be one of lorem, echo, { fixed: text }, { rules: […] } or { fixtures: file }' },
  )
  .describe('What the model answers.') satisfies z.ZodType<AnswerSettings>;
