import type { Turn } from '../../completion/ask.ts';
import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Memory, Moment } from '../dialect.ts';
import { generate, inOnePiece, inputText, spentOf } from '../generation.ts';
import { hex32 } from '../ids.ts';
import { callId } from './chat-parts.ts';
import { ruleError } from './errors.ts';
import { snapshotOf } from './models.ts';
import { finalBody, type OutputItem, type ResponseFrame, textPart } from './response-parts.ts';
import type { ResponsesRequest } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';

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
  const sent = request.stream
    ? streamResponse(frame, request, generation, items, moment)
    : inOnePiece(finalBody(frame, items, generation), generation.longest, moment);
  return { status: 200, ...sent, ...spentOf(generation) };
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

function saidTurn({ text, calls }: Outcome): Turn {
  return { role: 'assistant', text: (text?.text ?? '') + calls.map((call) => call.arguments).join('') };
}

function remember({ conversations }: Memory, id: string, turns: readonly Turn[]): void {
  conversations.set(id, turns);
  if (conversations.size > MOST_CONVERSATIONS) conversations.delete(conversations.keys().next().value!);
}
