import type { Turn } from '../../completion/ask.ts';
import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Memory, Moment } from '../dialect.ts';
import { type Generation, generate, inOnePiece, inputText } from '../generation.ts';
import { hex32 } from '../ids.ts';
import { callId } from './chat-answer.ts';
import { ruleError } from './errors.ts';
import { snapshotOf } from './models.ts';
import type { ResponsesRequest } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';

/** One thing that a response has to show: a message, or a call of a function. */
export type OutputItem = MessageItem | FunctionItem;

export interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly status: string;
  readonly role: 'assistant';
  readonly content: readonly object[];
}

export interface FunctionItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: string;
}

/** A response from its first event to its last: what changes is given to `at`. */
export interface ResponseFrame {
  readonly id: string;
  at(status: string, output: readonly OutputItem[], rest?: object): object;
}

/** Conversations that are remembered; the oldest are forgotten. */
const MOST_CONVERSATIONS = 1000;

/** Answers a request to the responses API, whole or as a stream (`wire.md` 1.3 and 1.4). */
export function answerResponses(request: ResponsesRequest, moment: Moment): Content {
  const { ask } = request;
  const generation = generate(ask, 1, inputText(ask), moment);
  if ('status' in generation) return ruleError(generation);
  const frame = frameOf(request, moment);
  const outcome = generation.outcomes[0]!;
  const items = itemsOf(outcome, moment);
  if (request.store) remember(moment.memory, frame.id, [...ask.turns, saidTurn(outcome)]);
  const { promptTokens, completionTokens } = generation;
  const sent = request.stream
    ? streamResponse(frame, request, generation, items, moment)
    : inOnePiece(finalBody(frame, items, generation), generation.longest, moment);
  return { status: 200, ...sent, promptTokens, completionTokens };
}

function frameOf({ ask, serviceTier, echoed }: ResponsesRequest, { chances, nowUs }: Moment): ResponseFrame {
  const id = `resp_${hex32(chances.ids)}${hex32(chances.ids).slice(0, 16)}`;
  const createdAt = Math.floor(nowUs / 1e6);
  return {
    id,
    at: (status, output, rest = {}) => ({
      id,
      object: 'response',
      created_at: createdAt,
      status,
      background: false,
      completed_at: null,
      error: null,
      incomplete_details: null,
      model: snapshotOf(ask.model),
      ...echoed,
      output,
      service_tier: serviceTier,
      ...rest,
    }),
  };
}

/** What the response is once it has ended: completed, or cut at its maximum. */
export function finalBody(frame: ResponseFrame, items: readonly OutputItem[], generation: Generation): object {
  const usage = usageOf(generation);
  if (generation.outcomes[0]!.finish === 'length') {
    return frame.at('incomplete', items, { incomplete_details: { reason: 'max_output_tokens' }, usage });
  }
  return frame.at('completed', items, { usage });
}

function usageOf({ promptTokens, completionTokens }: Generation): object {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}

function itemsOf({ text, calls, finish }: Outcome, moment: Moment): OutputItem[] {
  const status = finish === 'length' ? 'incomplete' : 'completed';
  const { ids } = moment.chances;
  const messages: OutputItem[] =
    text === null
      ? []
      : [{ type: 'message', id: `msg_${hex32(ids)}`, status, role: 'assistant', content: [textPart(text.text)] }];
  const functions = calls.map(
    ({ name, arguments: given, id }): OutputItem => ({
      type: 'function_call',
      id: `fc_${hex32(ids)}`,
      call_id: callId(id, moment),
      name,
      arguments: given,
      status,
    }),
  );
  return [...messages, ...functions];
}

export function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function saidTurn({ text, calls }: Outcome): Turn {
  return { role: 'assistant', text: (text?.text ?? '') + calls.map((call) => call.arguments).join('') };
}

function remember({ conversations }: Memory, id: string, turns: readonly Turn[]): void {
  conversations.set(id, turns);
  if (conversations.size > MOST_CONVERSATIONS) conversations.delete(conversations.keys().next().value!);
}
