import { type Ask, plainAsk } from '../../completion/ask.ts';
import type { Body } from '../body.ts';
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
import { finishReason, usageOf } from './chat-parts.ts';
import { lateErrorBody, ruleError } from './errors.ts';
import { snapshotOf } from './models.ts';
import { type BodyCheck, decimal, firstWrong, flag, invalidType, missing, wholeNumber } from './validation.ts';

/** The parts of a text completion request (legacy) that the answer and its cost depend on. */
export interface CompletionRequest {
  readonly model: string;
  readonly prompts: readonly string[];
  readonly n: number;
  /** Answers that are made, of which `n` are given. */
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

export function checkCompletion(body: Body): Content | undefined {
  return firstWrong(CHECKS, body);
}

function checkPrompt({ prompt }: Body): Content | undefined {
  if (prompt === undefined || prompt === null) return missing('prompt');
  if (typeof prompt === 'string') return undefined;
  const fine = Array.isArray(prompt) && prompt.length > 0;
  return fine ? undefined : invalidType('prompt', 'one of a string, array of strings, array of tokens', prompt);
}

/** Reads a body that `checkCompletion` has passed. Lists of tokens stand for texts of four characters each. */
export function readCompletion(body: Body): CompletionRequest {
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

/** Answers a text completion, whole or as a stream; `n` texts for each prompt. */
export function answerCompletion(request: CompletionRequest, moment: Moment): Content {
  const generations: Generation[] = [];
  for (const prompt of request.prompts) {
    const ask = askFor(prompt, request);
    const generation = generate(ask, request.n, inputText(ask), moment);
    if ('status' in generation) return ruleError(generation);
    generations.push(generation);
  }
  const all: Generation = {
    outcomes: generations.flatMap(({ outcomes }) => outcomes),
    longest: Math.max(...generations.map(({ longest }) => longest)),
    promptTokens: generations.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    completionTokens: generations.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
  };
  const head = {
    id: alphanumericId('cmpl-', 29, moment.chances.ids),
    object: 'text_completion',
    created: Math.floor(moment.nowUs / 1e6),
    model: snapshotOf(request.model),
  };
  const sent = request.stream ? streamed(head, request, all, moment) : whole(head, all, moment);
  return { status: 200, ...sent, ...spentOf(all) };
}

function askFor(prompt: string, { model, maxTokens, stop }: CompletionRequest): Ask {
  return { ...plainAsk(model, [{ role: 'user', text: prompt }]), maxTokens, stop };
}

function whole(head: object, generation: Generation, moment: Moment) {
  const choices = generation.outcomes.map((outcome, index) => ({
    text: outcome.text?.text ?? '',
    index,
    logprobs: null,
    finish_reason: finishReason(outcome),
  }));
  return inOnePiece({ ...head, choices, usage: usageOf(generation) }, generation.longest, moment);
}

function streamed(head: object, { includeUsage }: CompletionRequest, generation: Generation, moment: Moment) {
  const { outcomes, longest } = generation;
  const writer = streamWriter(longest, moment);
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
  return { ...writer.sent(EVENT_STREAM), lateError };
}
