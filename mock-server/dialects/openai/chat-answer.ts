import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Moment } from '../dialect.ts';
import { type Generation, generate, inOnePiece, inputText, spentOf } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { type ChatHead, callId, finishReason, usageOf } from './chat-parts.ts';
import type { ChatRequest } from './chat-request.ts';
import { streamChat } from './chat-stream.ts';
import { ruleError } from './errors.ts';
import { logprobsOf } from './logprobs.ts';
import { snapshotOf } from './models.ts';

/** Answers a chat completion, whole or as a stream (`wire.md` 1.3 and 1.4). */
export function answerChat(request: ChatRequest, moment: Moment): Content {
  const { ask, n } = request;
  const generation = generate(ask, n, inputText(ask), moment);
  if ('status' in generation) return ruleError(generation);
  const head: ChatHead = {
    id: alphanumericId('chatcmpl-', 29, moment.chances.ids),
    created: Math.floor(moment.nowUs / 1e6),
    model: snapshotOf(ask.model),
    service_tier: request.serviceTier,
    system_fingerprint: 'fp_a288987b44',
  };
  const sent = request.stream
    ? streamChat(head, request, generation, moment)
    : whole(head, request, generation, moment);
  return { status: 200, ...sent, ...spentOf(generation) };
}

function whole(head: ChatHead, { topLogprobs }: ChatRequest, generation: Generation, moment: Moment) {
  const choices = generation.outcomes.map((outcome, index) => ({
    index,
    message: messageOf(outcome, moment),
    logprobs: topLogprobs === undefined ? null : logprobsOf(outcome, topLogprobs, moment.chances.text),
    finish_reason: finishReason(outcome),
  }));
  const { id, created, model, ...rest } = head;
  const usage = usageOf(generation);
  // Keys in the provider's order, for whoever reads it by eye.
  const body = { id, object: 'chat.completion', created, model, choices, usage, ...rest };
  return inOnePiece(body, generation.longest, moment);
}

function messageOf({ text, calls }: Outcome, moment: Moment): object {
  const message = { role: 'assistant', content: text === null ? null : text.text, refusal: null, annotations: [] };
  if (calls.length === 0) return message;
  const toolCalls = calls.map(({ name, arguments: given, id }) => ({
    id: callId(id, moment),
    type: 'function',
    function: { name, arguments: given },
  }));
  return { ...message, tool_calls: toolCalls };
}
