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
import { errorResponse, ruleError } from './errors.ts';
import type { ContentRequest } from './request.ts';

/** How an answer is sent: as one body, as server-sent events, or as a streamed JSON array. */
export type Delivery = 'whole' | 'events' | 'array';

/** Answers a `generateContent` or `streamGenerateContent` request (`wire.md` 2.3). */
export function answerContent(
  { completion, candidates }: ContentRequest,
  delivery: Delivery,
  context: RequestContext,
): ResponseDraft {
  const generation = generate(completion, candidates, inputText(completion), context);
  if ('status' in generation) return ruleError(generation);
  const head = { modelVersion: completion.model, responseId: alphanumericId('', 22, context.random.ids) };
  const { longest } = generation;
  const sent =
    delivery === 'whole'
      ? jsonAfterTokens({ ...wholeBody(generation), ...head }, longest, context)
      : streamed(generation, head, delivery, context);
  return { status: 200, ...sent, ...answerSize(generation) };
}

function usageOf({ promptTokens, completionTokens }: Generation): object {
  return {
    promptTokenCount: promptTokens,
    candidatesTokenCount: completionTokens,
    totalTokenCount: promptTokens + completionTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
  };
}

function wholeBody(generation: Generation): object {
  const candidates = generation.outcomes.map((outcome, index) => ({
    content: { parts: [...textParts(outcome.text?.text), ...callParts(outcome)], role: 'model' },
    finishReason: finishOf(outcome),
    index,
  }));
  return { candidates, usageMetadata: usageOf(generation) };
}

function textParts(text: string | undefined): object[] {
  return text === undefined ? [] : [{ text }];
}

function callParts({ calls }: CompletionOutcome): object[] {
  return calls.map(({ name, arguments: given, id }) => ({
    functionCall: { ...(id !== undefined && { id }), name, args: JSON.parse(given) },
  }));
}

function finishOf({ finish }: CompletionOutcome): string {
  return finish === 'length' ? 'MAX_TOKENS' : 'STOP';
}

/**
 * Streams chunks; each is a complete response with part of the text, and the last of each candidate has
 * `finishReason`.
 */
function streamed(generation: Generation, head: object, delivery: Delivery, context: RequestContext) {
  const { outcomes, longest } = generation;
  const writer = createStreamWriter(longest, context);
  const chunks: { token: number; body: object }[] = [];
  for (const token of writer.timesUs.keys()) {
    for (const [index, { text }] of outcomes.entries()) {
      if (text === null || token >= text.tokens - 1) continue;
      const content = { parts: [{ text: text.piece(token) }], role: 'model' };
      chunks.push({ token, body: { candidates: [{ content, index }], usageMetadata: usageOf(generation), ...head } });
    }
  }
  for (const [index, outcome] of outcomes.entries()) {
    const last = outcome.text === null ? undefined : outcome.text.piece(outcome.text.tokens - 1);
    const content = { parts: [...textParts(last), ...callParts(outcome)], role: 'model' };
    const candidate = { content, finishReason: finishOf(outcome), index };
    chunks.push({ token: longest, body: { candidates: [candidate], usageMetadata: usageOf(generation), ...head } });
  }
  for (const [index, { token, body }] of chunks.entries()) {
    writer.write(token, () => (delivery === 'events' ? event(body) : arrayPiece(body, index, chunks.length)));
  }
  const contentType = delivery === 'events' ? EVENT_STREAM : 'application/json; charset=UTF-8';
  return {
    ...writer.finish(contentType),
    lateError: (after: number, code: string) => lateError(after, code, delivery),
  };
}

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\r\n\r\n`;
}

function arrayPiece(body: object, index: number, count: number): string {
  return `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(body)}${index === count - 1 ? ']' : ''}`;
}

function lateError(after: number, code: string, delivery: Delivery): string {
  const limited = code === 'rate_limit_exceeded';
  const { frames } = errorResponse(
    limited ? 429 : 503,
    limited ? 'Resource has been exhausted.' : 'The model is overloaded.',
  );
  const body = JSON.parse(frames[0]!.text) as object;
  return delivery === 'events' ? event(body) : arrayPiece(body, after, after + 1);
}
