import { lastTokenUs, tokenTimesUs } from '../../completion/latency.ts';
import { type AnswerText, answerText } from '../../completion/text.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { Frame } from '../../reply.ts';
import type { Content, Moment } from '../dialect.ts';
import type { ChatRequest } from './chat-request.ts';
import { completionId } from './ids.ts';
import { snapshotOf } from './models.ts';

/** The answers of one request, a text per choice. */
interface Generation {
  readonly texts: readonly AnswerText[];
  readonly longest: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Answers a chat completion, whole or as a stream (`wire.md` 1.3 and 1.4). */
export function answerChat(request: ChatRequest, moment: Moment): Content {
  const generation = generate(request, moment);
  const head = {
    id: completionId(moment.chances.ids),
    created: Math.floor(moment.nowUs / 1e6),
    model: snapshotOf(request.model),
    service_tier: 'default',
    system_fingerprint: null,
  };
  const { promptTokens, completionTokens } = generation;
  const content = request.stream ? streamed(head, request, generation, moment) : whole(head, generation, moment);
  return { status: 200, ...content, promptTokens, completionTokens };
}

function generate(request: ChatRequest, { chances, settings }: Moment): Generation {
  const texts = Array.from({ length: request.n }, () =>
    answerText(settings.answer, request.prompt, settings.answerTokens, request.maxTokens ?? Infinity, chances.text),
  );
  return {
    texts,
    longest: Math.max(...texts.map(({ tokens }) => tokens)),
    promptTokens: estimateTokens(request.inputText.length, 1),
    completionTokens: texts.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

/** Choices of one request share their prompt, so its tokens count once. */
function usageOf({ promptTokens, completionTokens }: Generation): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

type Body = Pick<Content, 'headers' | 'headAfterUs' | 'frames'>;

function whole(head: object, generation: Generation, { settings, chances }: Moment): Body {
  const endUs = lastTokenUs(settings.latency, generation.longest, chances.latency);
  const choices = generation.texts.map(({ text, finishReason }, index) => ({
    index,
    message: { role: 'assistant', content: text, refusal: null, annotations: [] },
    logprobs: null,
    finish_reason: finishReason,
  }));
  const body = { ...head, object: 'chat.completion', choices, usage: usageOf(generation) };
  return {
    headers: { 'content-type': 'application/json' },
    headAfterUs: endUs,
    frames: [{ afterUs: endUs, bytes: JSON.stringify(body) }],
  };
}

/** Token by token, the choices in step; then a finish chunk each, the usage if asked for, and `[DONE]`. */
function streamed(head: object, request: ChatRequest, generation: Generation, moment: Moment): Body {
  const { texts, longest } = generation;
  const timesUs = tokenTimesUs(moment.settings.latency, longest, moment.chances.latency);
  const endUs = timesUs.at(-1)!;
  const chunk = (choices: object[], usage: object | null): string =>
    event({ ...head, object: 'chat.completion.chunk', choices, ...(request.includeUsage ? { usage } : {}) });
  const choiceChunk = (index: number, delta: object, finishReason: string | null): string =>
    chunk([{ index, delta, logprobs: null, finish_reason: finishReason }], null);

  const frames: Frame[] = [];
  const send = (afterUs: number, bytes: string): void => void frames.push({ afterUs, bytes });
  for (const index of texts.keys()) {
    send(timesUs[0]!, choiceChunk(index, { role: 'assistant', content: '', refusal: null }, null));
  }
  for (const [token, afterUs] of timesUs.entries()) {
    for (const [index, text] of texts.entries()) {
      if (token < text.tokens) send(afterUs, choiceChunk(index, { content: text.piece(token) }, null));
    }
  }
  for (const [index, { finishReason }] of texts.entries()) send(endUs, choiceChunk(index, {}, finishReason));
  if (request.includeUsage) send(endUs, chunk([], usageOf(generation)));
  send(endUs, 'data: [DONE]\n\n');
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, headAfterUs: timesUs[0]!, frames };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
