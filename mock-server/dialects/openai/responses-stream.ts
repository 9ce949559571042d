import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { createStreamWriter, EVENT_STREAM, type Generation, type StreamWriter } from '../generation.ts';
import { lateErrorBody } from './errors.ts';
import { drawObfuscation, obfuscation } from './obfuscation.ts';
import {
  type FunctionItem,
  finalBody,
  type MessageItem,
  type OutputItem,
  type ResponseTemplate,
  textPart,
} from './response-parts.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** Writes one event, due with a token; `sequence_number` counts from 0. */
type Send = (token: number, type: string, data: object) => void;

/** Streams the events of a response in the provider's order (`wire.md` 1.4), without `[DONE]`. */
export function streamResponse(
  template: ResponseTemplate,
  { obfuscate }: ResponsesRequest,
  generation: Generation,
  items: readonly OutputItem[],
  context: RequestContext,
): Pick<ResponseDraft, 'headers' | 'headAfterUs' | 'frames' | 'lateError' | 'hasEndEvent'> {
  const { longest } = generation;
  const writer = createStreamWriter(longest, context);
  const send = createSender(writer);
  const padding = (): object => (obfuscate ? { obfuscation: obfuscation(drawObfuscation(context.random.ids)) } : {});
  send(0, 'response.created', { response: template.render('in_progress', []) });
  send(0, 'response.in_progress', { response: template.render('in_progress', []) });
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
  const final = finalBody(template, items, generation);
  send(longest, outcome.finish === 'length' ? 'response.incomplete' : 'response.completed', { response: final });
  return {
    ...writer.finish(EVENT_STREAM),
    lateError: (after, code) => lateEvents(template, after, code),
    hasEndEvent: true,
  };
}

function createSender(writer: StreamWriter): Send {
  let sequence = 0;
  return (token, type, data) => {
    const number = sequence++;
    writer.write(token, () => event(type, number, data));
  };
}

function event(type: string, sequence: number, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
}

/** Sends the events of a message and returns the index of the next token. */
function sendMessage(
  send: Send,
  index: number,
  item: MessageItem,
  { text }: CompletionOutcome,
  padding: () => object,
): number {
  const position = { item_id: item.id, output_index: index, content_index: 0 };
  send(0, 'response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } });
  send(0, 'response.content_part.added', { ...position, part: textPart('') });
  const { tokens } = text!;
  for (let token = 0; token < tokens; token++) {
    send(token, 'response.output_text.delta', { ...position, delta: text!.piece(token), logprobs: [], ...padding() });
  }
  send(tokens, 'response.output_text.done', { ...position, text: text!.text, logprobs: [] });
  send(tokens, 'response.content_part.done', { ...position, part: textPart(text!.text) });
  send(tokens, 'response.output_item.done', { output_index: index, item });
  return tokens;
}

/** Sends the events of a function call and returns the index of the next token. */
function sendFunction(
  send: Send,
  index: number,
  item: FunctionItem,
  pieces: readonly string[],
  firstToken: number,
  padding: () => object,
): number {
  const position = { item_id: item.id, output_index: index };
  const { name } = item;
  send(firstToken, 'response.output_item.added', {
    output_index: index,
    item: { ...item, status: 'in_progress', arguments: '' },
  });
  for (const [piece, delta] of pieces.entries()) {
    send(firstToken + piece, 'response.function_call_arguments.delta', { ...position, delta, ...padding() });
  }
  const token = firstToken + pieces.length;
  send(token, 'response.function_call_arguments.done', { ...position, name, arguments: item.arguments });
  send(token, 'response.output_item.done', { output_index: index, item });
  return token;
}

/** Formats an error after a successful start, nested as captured, and its `response.failed` (`wire.md` 1.4). */
function lateEvents(template: ResponseTemplate, after: number, code: string): string {
  const error = lateErrorBody(code);
  const failed = code === 'server_is_overloaded' ? 'server_error' : code;
  const response = template.render('failed', [], { error: { code: failed, message: error.message } });
  return event('error', after, { error }) + event('response.failed', after + 1, { response });
}
