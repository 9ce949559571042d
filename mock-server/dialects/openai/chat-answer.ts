import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { answerSize, type Generation, generate, inputText, jsonAfterTokens } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { type ChatHead, callId, finishReason, usageOf } from './chat-parts.ts';
import type { ChatRequest } from './chat-request.ts';
import { streamChat } from './chat-stream.ts';
import { ruleError } from './errors.ts';
import { logprobsOf } from './logprobs.ts';
import { snapshotOf } from './models.ts';

/** Answers a chat completion, as one body or as a stream (`wire.md` 1.3 and 1.4). */
export function answerChat(request: ChatRequest, context: RequestContext): ResponseDraft {
  const { completion, n } = request;
  const generation = generate(completion, n, inputText(completion), context);
  if ('status' in generation) return ruleError(generation);
  const head: ChatHead = {
    id: alphanumericId('chatcmpl-', 29, context.random.ids),
    created: Math.floor(context.nowUs / 1e6),
    model: snapshotOf(completion.model),
    service_tier: request.serviceTier,
    system_fingerprint: 'fp_a288987b44',
  };
  const sent = request.stream
    ? streamChat(head, request, generation, context)
    : whole(head, request, generation, context);
  return { status: 200, ...sent, ...answerSize(generation) };
}

function whole(head: ChatHead, { topLogprobs }: ChatRequest, generation: Generation, context: RequestContext) {
  const choices = generation.outcomes.map((outcome, index) => ({
    index,
    message: messageOf(outcome, context),
    logprobs: topLogprobs === undefined ? null : logprobsOf(outcome, topLogprobs, context.random.text),
    finish_reason: finishReason(outcome),
  }));
  const { id, created, model, ...rest } = head;
  const usage = usageOf(generation);
  // Keys are in the provider's order, for human readers.
  const body = { id, object: 'chat.completion', created, model, choices, usage, ...rest };
  return jsonAfterTokens(body, generation.longest, context);
}

function messageOf({ text, calls }: CompletionOutcome, context: RequestContext): object {
  const message = { role: 'assistant', content: text === null ? null : text.text, refusal: null, annotations: [] };
  if (calls.length === 0) return message;
  const toolCalls = calls.map(({ name, arguments: given, id }) => ({
    id: callId(id, context),
    type: 'function',
    function: { name, arguments: given },
  }));
  return { ...message, tool_calls: toolCalls };
}
