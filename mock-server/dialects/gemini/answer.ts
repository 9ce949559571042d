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
import { errorContent, ruleError } from './errors.ts';
import type { ContentRequest } from './request.ts';

/** How an answer is sent: whole, as server-sent events, or as a JSON array that grows. */
export type Sending = 'whole' | 'events' | 'array';

/** Answers a request for content (`wire.md` 2.3). */
export function answerContent({ ask, candidates }: ContentRequest, sending: Sending, moment: Moment): Content {
  const generation = generate(ask, candidates, inputText(ask), moment);
  if ('status' in generation) return ruleError(generation);
  const head = { modelVersion: ask.model, responseId: alphanumericId('', 22, moment.chances.ids) };
  const { longest } = generation;
  const sent =
    sending === 'whole'
      ? inOnePiece({ ...wholeBody(generation), ...head }, longest, moment)
      : streamed(generation, head, sending, moment);
  return { status: 200, ...sent, ...spentOf(generation) };
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

function callParts({ calls }: Outcome): object[] {
  return calls.map(({ name, arguments: given, id }) => ({
    functionCall: { ...(id !== undefined && { id }), name, args: JSON.parse(given) },
  }));
}

function finishOf({ finish }: Outcome): string {
  return finish === 'length' ? 'MAX_TOKENS' : 'STOP';
}

/** Every chunk is a whole response with a part of the text; the last ones have the reason why they are the last. */
function streamed(generation: Generation, head: object, sending: Sending, moment: Moment) {
  const { outcomes, longest } = generation;
  const writer = streamWriter(longest, moment);
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
  for (const [place, { token, body }] of chunks.entries()) {
    writer.write(token, () => (sending === 'events' ? event(body) : arrayPiece(body, place, chunks.length)));
  }
  const contentType = sending === 'events' ? EVENT_STREAM : 'application/json; charset=UTF-8';
  return { ...writer.sent(contentType), lateError: (after: number, code: string) => lateError(after, code, sending) };
}

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\r\n\r\n`;
}

function arrayPiece(body: object, place: number, count: number): string {
  return `${place === 0 ? '[' : ',\r\n'}${JSON.stringify(body)}${place === count - 1 ? ']' : ''}`;
}

function lateError(after: number, code: string, sending: Sending): string {
  const limited = code === 'rate_limit_exceeded';
  const { frames } = errorContent(
    limited ? 429 : 503,
    limited ? 'Resource has been exhausted.' : 'The model is overloaded.',
  );
  const body = JSON.parse(frames[0]!.bytes) as object;
  return sending === 'events' ? event(body) : arrayPiece(body, after, after + 1);
}
