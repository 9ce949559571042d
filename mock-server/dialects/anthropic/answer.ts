import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Moment } from '../dialect.ts';
import {
  EVENT_STREAM,
  type Generation,
  generate,
  inOnePiece,
  inputText,
  spentOf,
  streamWriter,
} from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { lateError, ruleError } from './errors.ts';
import type { MessagesRequest } from './request.ts';

/** One block of a message's content. */
type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

/** Answers a request for a message, whole or as a stream (`wire.md` 2.2). */
export function answerMessage({ ask, stream }: MessagesRequest, moment: Moment): Content {
  const generation = generate(ask, 1, inputText(ask), moment);
  if ('status' in generation) return ruleError(generation, moment.requestId);
  const outcome = generation.outcomes[0]!;
  const blocks = blocksOf(outcome, moment);
  const message = {
    id: alphanumericId('msg_01', 22, moment.chances.ids),
    type: 'message',
    role: 'assistant',
    model: ask.model,
    content: blocks,
    ...stopOf(outcome),
    usage: usageOf(generation, generation.completionTokens),
  };
  const sent = stream
    ? streamed(message, outcome, generation, moment)
    : inOnePiece(message, generation.longest, moment);
  return { status: 200, ...sent, ...spentOf(generation) };
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

function stopOf({ finish, text }: Outcome): { readonly stop_reason: string; readonly stop_sequence: string | null } {
  if (text?.stoppedBy !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: text.stoppedBy };
  return { stop_reason: STOPS[finish], stop_sequence: null };
}

function blocksOf({ text, calls }: Outcome, { chances }: Moment): Block[] {
  const said: Block[] = text === null ? [] : [{ type: 'text', text: text.text }];
  const used = calls.map(
    ({ name, arguments: given, id }): Block => ({
      type: 'tool_use',
      id: id ?? alphanumericId('toolu_01', 22, chances.ids),
      name,
      input: JSON.parse(given),
    }),
  );
  return [...said, ...used];
}

interface Message {
  readonly content: readonly Block[];
}

function streamed(message: Message, outcome: Outcome, generation: Generation, moment: Moment) {
  const { longest } = generation;
  const writer = streamWriter(longest, moment);
  const send = (token: number, type: string, data: object): void =>
    writer.write(token, () => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(generation, 1) };
  send(0, 'message_start', { message: begun });
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
  const { requestId } = moment;
  return { ...writer.sent(EVENT_STREAM), lateError: (_after: number, code: string) => lateError(code, requestId) };
}

/** A block piece by piece, a token each. */
function deltasOf(block: Block, index: number, { text, calls }: Outcome): object[] {
  if (block.type === 'text') {
    return Array.from({ length: text!.tokens }, (_, token) => ({ type: 'text_delta', text: text!.piece(token) }));
  }
  const { pieces } = calls[index - (text === null ? 0 : 1)]!;
  return pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
}
