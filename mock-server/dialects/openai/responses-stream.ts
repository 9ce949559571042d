import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Moment } from '../dialect.ts';
import { EVENT_STREAM, type Generation, type StreamWriter, streamWriter } from '../generation.ts';
import { lateErrorBody } from './errors.ts';
import { drawObfuscation, obfuscation } from './obfuscation.ts';
import {
  type FunctionItem,
  finalBody,
  type MessageItem,
  type OutputItem,
  type ResponseFrame,
  textPart,
} from './response-parts.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** Writes one event, due with a token; events are numbered from 0 without a gap. */
type Send = (token: number, type: string, data: object) => void;

/** The events of a response in the provider's order (`wire.md` 1.4); there is no `[DONE]`. */
export function streamResponse(
  frame: ResponseFrame,
  { obfuscate }: ResponsesRequest,
  generation: Generation,
  items: readonly OutputItem[],
  moment: Moment,
): Pick<Content, 'headers' | 'headAfterUs' | 'frames' | 'lateError'> {
  const { longest } = generation;
  const writer = streamWriter(longest, moment);
  const send = sender(writer);
  const padding = (): object => (obfuscate ? { obfuscation: obfuscation(drawObfuscation(moment.chances.ids)) } : {});
  send(0, 'response.created', { response: frame.at('in_progress', []) });
  send(0, 'response.in_progress', { response: frame.at('in_progress', []) });
  const outcome = generation.outcomes[0]!;
  let token = 0;
  for (const [index, item] of items.entries()) {
    if (item.type === 'message') token = sendMessage(send, index, item, outcome, padding);
    else
      token = sendFunction(
        send,
        index,
        item,
        outcome.calls[index - (outcome.text === null ? 0 : 1)]!.pieces,
        token,
        padding,
      );
  }
  const final = finalBody(frame, items, generation);
  send(longest, outcome.finish === 'length' ? 'response.incomplete' : 'response.completed', { response: final });
  return { ...writer.sent(EVENT_STREAM), lateError: (after, code) => lateEvents(frame, after, code) };
}

function sender(writer: StreamWriter): Send {
  let sequence = 0;
  return (token, type, data) => {
    const number = sequence++;
    writer.write(token, () => event(type, number, data));
  };
}

function event(type: string, sequence: number, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
}

/** Sends a text and returns the token that comes after it. */
function sendMessage(send: Send, index: number, item: MessageItem, { text }: Outcome, padding: () => object): number {
  const place = { item_id: item.id, output_index: index, content_index: 0 };
  send(0, 'response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } });
  send(0, 'response.content_part.added', { ...place, part: textPart('') });
  const { tokens } = text!;
  for (let token = 0; token < tokens; token++) {
    send(token, 'response.output_text.delta', { ...place, delta: text!.piece(token), logprobs: [], ...padding() });
  }
  send(tokens, 'response.output_text.done', { ...place, text: text!.text, logprobs: [] });
  send(tokens, 'response.content_part.done', { ...place, part: textPart(text!.text) });
  send(tokens, 'response.output_item.done', { output_index: index, item });
  return tokens;
}

function sendFunction(
  send: Send,
  index: number,
  item: FunctionItem,
  pieces: readonly string[],
  from: number,
  padding: () => object,
): number {
  const place = { item_id: item.id, output_index: index };
  const { name } = item;
  send(from, 'response.output_item.added', {
    output_index: index,
    item: { ...item, status: 'in_progress', arguments: '' },
  });
  for (const [piece, delta] of pieces.entries()) {
    send(from + piece, 'response.function_call_arguments.delta', { ...place, delta, ...padding() });
  }
  const token = from + pieces.length;
  send(token, 'response.function_call_arguments.done', { ...place, name, arguments: item.arguments });
  send(token, 'response.output_item.done', { output_index: index, item });
  return token;
}

/** An error after a good start, nested as it was captured, then the end that it brings about (`wire.md` 1.4). */
function lateEvents(frame: ResponseFrame, after: number, code: string): string {
  const error = lateErrorBody(code);
  const failed = code === 'server_is_overloaded' ? 'server_error' : code;
  const response = frame.at('failed', [], { error: { code: failed, message: error.message } });
  return event('error', after, { error }) + event('response.failed', after + 1, { response });
}
