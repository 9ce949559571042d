import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { Frame } from '../../reply.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { createStreamWriter, EVENT_STREAM, type Generation, type StreamWriter } from '../generation.ts';
import { type ChatHead, callId, finishReason, usageOf } from './chat-parts.ts';
import type { ChatRequest } from './chat-request.ts';
import { lateErrorBody } from './errors.ts';
import { logprobsOfToken } from './logprobs.ts';
import { drawObfuscation, obfuscation } from './obfuscation.ts';

/** Data shared by all chunks of a stream. */
interface ChunkTemplate {
  /** The JSON before and after the choice of each chunk. */
  readonly start: string;
  readonly end: string;
  readonly outcomes: readonly CompletionOutcome[];
  readonly timesUs: readonly number[];
}

/** A chunk with one token. Open streams hold millions of these, so each stores only its position and its padding. */
class TokenFrame implements Frame {
  readonly template: ChunkTemplate;
  /** Token index × number of choices + choice index. */
  readonly position: number;
  readonly padding: number | undefined;

  constructor(template: ChunkTemplate, position: number, padding: number | undefined) {
    this.template = template;
    this.position = position;
    this.padding = padding;
  }

  get afterUs(): number {
    const { timesUs, outcomes } = this.template;
    return timesUs[Math.floor(this.position / outcomes.length)]!;
  }

  get text(): string {
    const { template, position, padding } = this;
    const index = position % template.outcomes.length;
    const content = template.outcomes[index]!.text!.piece(Math.floor(position / template.outcomes.length));
    return chunk(template, { index, delta: { content }, logprobs: null, finish_reason: null }, padding);
  }
}

/** Any other chunk: a role, a tool call or a finish reason. */
class ChoiceFrame implements Frame {
  readonly template: ChunkTemplate;
  readonly afterUs: number;
  readonly choice: object;
  readonly padding: number | undefined;

  constructor(template: ChunkTemplate, afterUs: number, choice: object, padding: number | undefined) {
    this.template = template;
    this.afterUs = afterUs;
    this.choice = choice;
    this.padding = padding;
  }

  get text(): string {
    return chunk(this.template, this.choice, this.padding);
  }
}

/** Formats a chunk. `padding` is a number from `drawObfuscation`; undefined for a chunk without padding. */
function chunk({ start, end }: ChunkTemplate, choice: object, padding: number | undefined): string {
  const field = padding === undefined ? '' : `,"obfuscation":"${obfuscation(padding)}"`;
  return `${start}${JSON.stringify(choice)}${end}${field}}\n\n`;
}

/** Adds the chunks of a stream in order. */
interface ChunkWriter {
  readonly template: ChunkTemplate;
  token(token: number, index: number): void;
  choice(token: number, index: number, delta: object, finish: string | null, logprobs?: object | null): void;
}

function createChunkWriter(template: ChunkTemplate, writer: StreamWriter, draw: () => number | undefined): ChunkWriter {
  return {
    template,
    token: (token, index) => writer.add(new TokenFrame(template, token * template.outcomes.length + index, draw())),
    choice(token, index, delta, finish, logprobs = null) {
      const choice = { index, delta, logprobs, finish_reason: finish };
      writer.add(new ChoiceFrame(template, template.timesUs[token] ?? writer.endUs, choice, draw()));
    },
  };
}

/** Streams the choices in parallel, token by token; then their finish chunks, the usage if requested, and `[DONE]`. */
export function streamChat(
  head: ChatHead,
  request: ChatRequest,
  generation: Generation,
  context: RequestContext,
): Pick<ResponseDraft, 'headers' | 'headAfterUs' | 'frames' | 'lateError' | 'hasEndEvent'> {
  const { outcomes, longest } = generation;
  const writer = createStreamWriter(longest, context);
  const { id, ...rest } = head;
  const start = `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', ...rest }).slice(0, -1)},"choices":[`;
  const template = { start, end: request.includeUsage ? '],"usage":null' : ']', outcomes, timesUs: writer.timesUs };
  const chunks = createChunkWriter(template, writer, () =>
    request.obfuscate ? drawObfuscation(context.random.ids) : undefined,
  );
  for (const [index, { text }] of outcomes.entries()) {
    chunks.choice(0, index, { role: 'assistant', content: text === null ? null : '', refusal: null }, null);
  }
  addTexts(chunks, request.topLogprobs, context);
  for (const [index, outcome] of outcomes.entries()) addCalls(chunks, outcome, index, context);
  for (const [index, outcome] of outcomes.entries()) chunks.choice(longest, index, {}, finishReason(outcome));
  const { endUs } = writer;
  if (request.includeUsage) {
    writer.add({ afterUs: endUs, text: `${start}],"usage":${JSON.stringify(usageOf(generation))}}\n\n` });
  }
  writer.add({ afterUs: endUs, text: 'data: [DONE]\n\n' });
  return { ...writer.finish(EVENT_STREAM), lateError, hasEndEvent: true };
}

function lateError(_after: number, code: string): string {
  return `data: ${JSON.stringify({ error: lateErrorBody(code) })}\n\n`;
}

function addTexts(chunks: ChunkWriter, topLogprobs: number | undefined, { random }: RequestContext): void {
  const { timesUs, outcomes } = chunks.template;
  for (const token of timesUs.keys()) {
    for (const [index, { text }] of outcomes.entries()) {
      if (text === null || token >= text.tokens) continue;
      if (topLogprobs === undefined) chunks.token(token, index);
      else {
        const content = text.piece(token);
        const tokenLogprobs = logprobsOfToken(content, topLogprobs, random.text);
        chunks.choice(token, index, { content }, null, { content: [tokenLogprobs], refusal: null });
      }
    }
  }
}

/** Adds a tool call: its name with empty arguments, then the arguments in pieces. */
function addCalls(
  chunks: ChunkWriter,
  { text, calls }: CompletionOutcome,
  index: number,
  context: RequestContext,
): void {
  let token = text?.tokens ?? 0;
  for (const [callIndex, call] of calls.entries()) {
    const { name, id } = call;
    const first = { index: callIndex, id: callId(id, context), type: 'function', function: { name, arguments: '' } };
    chunks.choice(token, index, { tool_calls: [first] }, null);
    for (const piece of call.pieces) {
      chunks.choice(token++, index, { tool_calls: [{ index: callIndex, function: { arguments: piece } }] }, null);
    }
  }
}
