import { type CompletionRequest, plainCompletionRequest } from '../../completion/completion-request.ts';
import type { Body } from '../body.ts';
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
import { finishReason, usageOf } from './chat-parts.ts';
import { lateErrorBody, ruleError } from './errors.ts';
import { snapshotOf } from './models.ts';
import { type BodyCheck, decimal, firstError, flag, invalidType, missing, wholeNumber } from './validation.ts';

/** The parts of a text completion request (legacy) that determine its answer and cost. */
export interface TextCompletionRequest {
  readonly model: string;
  readonly prompts: readonly string[];
  readonly n: number;
  /** Number of answers generated, of which `n` are returned. */
  readonly bestOf: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const CHECKS: readonly BodyCheck[] = [
  checkPrompt,
  wholeNumber('max_tokens', 0),
  wholeNumber('n', 1, 128),
  wholeNumber('best_of', 1, 20),
  decimal('temperature', 0, 2),
  decimal('top_p', 0, 1),
  flag('stream'),
];

export function checkCompletion(body: Body): ResponseDraft | undefined {
  return firstError(CHECKS, body);
}

function checkPrompt({ prompt }: Body): ResponseDraft | undefined {
  if (prompt === undefined || prompt === null) return missing('prompt');
  if (typeof prompt === 'string') return undefined;
  const valid = Array.isArray(prompt) && prompt.length > 0;
  return valid ? undefined : invalidType('prompt', 'one of a string, array of strings, array of tokens', prompt);
}

/** Reads a body that has passed `checkCompletion`. Token lists become texts of four characters per token. */
export function readCompletion(body: Body): TextCompletionRequest {
  const { prompt, n, best_of: bestOf, max_tokens: maxTokens, stop, stream_options: options } = body;
  const several = Array.isArray(prompt) && (typeof prompt[0] === 'string' || Array.isArray(prompt[0]));
  const prompts = (several ? (prompt as unknown[]) : [prompt]).map(textOf);
  return {
    model: body.model as string,
    prompts,
    n: (n ?? 1) as number,
    bestOf: Math.max((n ?? 1) as number, (bestOf ?? 1) as number),
    maxTokens: (maxTokens ?? 16) as number,
    stop: typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop.map(String) : [],
    stream: body.stream === true,
    includeUsage: (options as Body | undefined)?.include_usage === true,
  };
}

function textOf(prompt: unknown): string {
  return typeof prompt === 'string' ? prompt : 'toke'.repeat(Array.isArray(prompt) ? prompt.length : 0);
}

/** Answers a text completion with `n` texts per prompt, as one body or as a stream. */
export function answerCompletion(request: TextCompletionRequest, context: RequestContext): ResponseDraft {
  const generations: Generation[] = [];
  for (const prompt of request.prompts) {
    const completion = completionOf(prompt, request);
    const generation = generate(completion, request.n, inputText(completion), context);
    if ('status' in generation) return ruleError(generation);
    generations.push(generation);
  }
  const combined: Generation = {
    outcomes: generations.flatMap(({ outcomes }) => outcomes),
    longest: Math.max(...generations.map(({ longest }) => longest)),
    promptTokens: generations.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    completionTokens: generations.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
  };
  const head = {
    id: alphanumericId('cmpl-', 29, context.random.ids),
    object: 'text_completion',
    created: Math.floor(context.nowUs / 1e6),
    model: snapshotOf(request.model),
  };
  const sent = request.stream ? streamed(head, request, combined, context) : whole(head, combined, context);
  return { status: 200, ...sent, ...answerSize(combined) };
}

function completionOf(prompt: string, { model, maxTokens, stop }: TextCompletionRequest): CompletionRequest {
  return { ...plainCompletionRequest(model, [{ role: 'user', text: prompt }]), maxTokens, stop };
}

function whole(head: object, generation: Generation, context: RequestContext) {
  const choices = generation.outcomes.map((outcome, index) => ({
    text: outcome.text?.text ?? '',
    index,
    logprobs: null,
    finish_reason: finishReason(outcome),
  }));
  return jsonAfterTokens({ ...head, choices, usage: usageOf(generation) }, generation.longest, context);
}

function streamed(
  head: object,
  { includeUsage }: TextCompletionRequest,
  generation: Generation,
  context: RequestContext,
) {
  const { outcomes, longest } = generation;
  const writer = createStreamWriter(longest, context);
  const event = (choices: object[], usage: object | null): string =>
    `data: ${JSON.stringify({ ...head, choices, ...(includeUsage && { usage }) })}\n\n`;
  for (const token of writer.timesUs.keys()) {
    for (const [index, { text }] of outcomes.entries()) {
      if (text === null || token >= text.tokens) continue;
      writer.write(token, () => event([{ text: text.piece(token), index, logprobs: null, finish_reason: null }], null));
    }
  }
  for (const [index, outcome] of outcomes.entries()) {
    const last = { text: '', index, logprobs: null, finish_reason: finishReason(outcome) };
    writer.write(longest, () => event([last], null));
  }
  if (includeUsage) writer.write(longest, () => event([], usageOf(generation)));
  writer.write(longest, () => 'data: [DONE]\n\n');
  const lateError = (_after: number, code: string): string =>
    `data: ${JSON.stringify({ error: lateErrorBody(code) })}\n\n`;
  return { ...writer.finish(EVENT_STREAM), lateError, hasEndEvent: true };
}
