import type { Turn } from '../../completion/completion-request.ts';
import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { Memory, RequestContext, ResponseDraft } from '../dialect.ts';
import { answerSize, generate, inputText, jsonAfterTokens } from '../generation.ts';
import { hex32 } from '../ids.ts';
import { callId } from './chat-parts.ts';
import { ruleError } from './errors.ts';
import { snapshotOf } from './models.ts';
import { finalBody, type OutputItem, type ResponseTemplate, textPart } from './response-parts.ts';
import type { ResponsesRequest } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';

/** Maximum stored conversations; the oldest are deleted. */
const MAX_CONVERSATIONS = 1000;

/** Answers a Responses API request, as one body or as a stream (`wire.md` 1.3 and 1.4). */
export function answerResponses(request: ResponsesRequest, context: RequestContext): ResponseDraft {
  const { completion } = request;
  const generation = generate(completion, 1, inputText(completion), context);
  if ('status' in generation) return ruleError(generation);
  const template = createTemplate(request, context);
  const outcome = generation.outcomes[0]!;
  const items = itemsOf(outcome, context);
  if (request.store) remember(context.memory, template.id, [...completion.turns, assistantTurn(outcome)]);
  const sent = request.stream
    ? streamResponse(template, request, generation, items, context)
    : jsonAfterTokens(finalBody(template, items, generation), generation.longest, context);
  return { status: 200, ...sent, ...answerSize(generation) };
}

function createTemplate(
  { completion, serviceTier, echoed }: ResponsesRequest,
  { random, nowUs }: RequestContext,
): ResponseTemplate {
  const id = `resp_${hex32(random.ids)}${hex32(random.ids).slice(0, 16)}`;
  const createdAt = Math.floor(nowUs / 1e6);
  return {
    id,
    render: (status, output, rest = {}) => ({
      id,
      object: 'response',
      created_at: createdAt,
      status,
      background: false,
      completed_at: null,
      error: null,
      incomplete_details: null,
      model: snapshotOf(completion.model),
      ...echoed,
      output,
      service_tier: serviceTier,
      ...rest,
    }),
  };
}

function itemsOf({ text, calls, finish }: CompletionOutcome, context: RequestContext): OutputItem[] {
  const status = finish === 'length' ? 'incomplete' : 'completed';
  const { ids } = context.random;
  const messages: OutputItem[] =
    text === null
      ? []
      : [{ type: 'message', id: `msg_${hex32(ids)}`, status, role: 'assistant', content: [textPart(text.text)] }];
  const functions = calls.map(
    ({ name, arguments: given, id }): OutputItem => ({
      type: 'function_call',
      id: `fc_${hex32(ids)}`,
      call_id: callId(id, context),
      name,
      arguments: given,
      status,
    }),
  );
  return [...messages, ...functions];
}

function assistantTurn({ text, calls }: CompletionOutcome): Turn {
  return { role: 'assistant', text: (text?.text ?? '') + calls.map((call) => call.arguments).join('') };
}

function remember({ conversations }: Memory, id: string, turns: readonly Turn[]): void {
  conversations.set(id, turns);
  if (conversations.size > MAX_CONVERSATIONS) conversations.delete(conversations.keys().next().value!);
}
