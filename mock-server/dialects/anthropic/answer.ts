import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import {
  answerSize,
  createStreamWriter,
  EVENT_STREAM,
  type Generation,
  generate,
  inputText,
  jsonAfterTokens,
} from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { lateError, ruleError } from './errors.ts';
import type { MessagesRequest } from './request.ts';

/** A content block of a message. */
type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

/** Answers a Messages request, as one body or as a stream (`wire.md` 2.2). */
export function answerMessage({ completion, stream }: MessagesRequest, context: RequestContext): ResponseDraft {
  const generation = generate(completion, 1, inputText(completion), context);
  if ('status' in generation) return ruleError(generation, context.requestId);
  const outcome = generation.outcomes[0]!;
  const blocks = blocksOf(outcome, context);
  const message = {
    id: alphanumericId('msg_01', 22, context.random.ids),
    type: 'message',
    role: 'assistant',
    model: completion.model,
    content: blocks,
    ...stopOf(outcome),
    usage: usageOf(generation, generation.completionTokens),
  };
  const sent = stream
    ? streamed(message, outcome, generation, context)
    : jsonAfterTokens(message, generation.longest, context);
  return { status: 200, ...sent, ...answerSize(generation) };
}

function usageOf({ promptTokens }: Generation, outputTokens: number): object {
  return {
    input_tokens: promptTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

const STOPS = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use' } as const;

function stopOf({ finish, text }: CompletionOutcome): {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
} {
  if (text?.stoppedBy !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: text.stoppedBy };
  return { stop_reason: STOPS[finish], stop_sequence: null };
}

function blocksOf({ text, calls }: CompletionOutcome, { random }: RequestContext): Block[] {
  const textBlocks: Block[] = text === null ? [] : [{ type: 'text', text: text.text }];
  const toolBlocks = calls.map(
    ({ name, arguments: given, id }): Block => ({
      type: 'tool_use',
      id: id ?? alphanumericId('toolu_01', 22, random.ids),
      name,
      input: JSON.parse(given),
    }),
  );
  return [...textBlocks, ...toolBlocks];
}

interface Message {
  readonly content: readonly Block[];
}

function streamed(message: Message, outcome: CompletionOutcome, generation: Generation, context: RequestContext) {
  const { longest } = generation;
  const writer = createStreamWriter(longest, context);
  const send = (token: number, type: string, data: object): void =>
    writer.write(token, () => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const started = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(generation, 1) };
  send(0, 'message_start', { message: started });
  let token = 0;
  for (const [index, block] of message.content.entries()) {
    const empty = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
    send(token, 'content_block_start', { index, content_block: empty });
    if (index === 0) send(token, 'ping', {});
    for (const delta of deltasOf(block, index, outcome)) send(token++, 'content_block_delta', { index, delta });
    send(token, 'content_block_stop', { index });
  }
  send(longest, 'message_delta', { delta: stopOf(outcome), usage: { output_tokens: generation.completionTokens } });
  send(longest, 'message_stop', {});
  const { requestId } = context;
  return {
    ...writer.finish(EVENT_STREAM),
    lateError: (_after: number, code: string) => lateError(code, requestId),
    hasEndEvent: true,
  };
}

/** Returns the deltas of a block, one per token. */
function deltasOf(block: Block, index: number, { text, calls }: CompletionOutcome): object[] {
  if (block.type === 'text') {
    return Array.from({ length: text!.tokens }, (_, token) => ({ type: 'text_delta', text: text!.piece(token) }));
  }
  const { pieces } = calls[index - (text === null ? 0 : 1)]!;
  return pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
}
