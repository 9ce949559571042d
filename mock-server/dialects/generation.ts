import { type CompletionRequest, collectText, turnsText } from '../completion/completion-request.ts';
import { lastTokenUs, tokenTimesUs } from '../completion/latency.ts';
import { type CompletionOutcome, generateOutcome } from '../completion/outcome.ts';
import type { RuleError } from '../completion/rules.ts';
import { type Frame, LazyFrame } from '../reply.ts';
import type { RequestContext, ResponseDraft } from './dialect.ts';

/** The generated answer to one request: one outcome per choice, and its token counts. */
export interface Generation {
  readonly outcomes: readonly CompletionOutcome[];
  /** Tokens of the longest outcome. */
  readonly longest: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Returns all text that the model reads, including tools and schema; the basis of token estimates and counts. */
export function inputText({ turns, tools, schema }: CompletionRequest): string {
  const text = turnsText(turns);
  if (tools.length === 0 && schema === undefined) return text;
  return text + collectText(tools) + collectText(schema);
}

/** Returns the prompt without system turns, which an application repeats in every request. */
export function promptText({ turns }: CompletionRequest): string {
  return turns.some(({ role }) => role === 'system')
    ? turnsText(turns.filter(({ role }) => role !== 'system'))
    : turnsText(turns);
}

/** Generates `n` outcomes. All choices share one prompt, so its tokens count once. */
export function generate(
  completion: CompletionRequest,
  n: number,
  input: string,
  context: RequestContext,
): Generation | RuleError {
  const { settings, random, tokens, memory } = context;
  const generator = { settings, random: random.text, counts: memory.ruleCounts, tokens };
  const outcomes: CompletionOutcome[] = [];
  for (let choice = 0; choice < n; choice++) {
    const outcome = generateOutcome(completion, generator);
    if ('status' in outcome) return outcome;
    outcomes.push(outcome);
  }
  return {
    outcomes,
    longest: Math.max(...outcomes.map((outcome) => outcome.tokens)),
    promptTokens: countPromptTokens(completion, input, context),
    completionTokens: outcomes.reduce((sum, outcome) => sum + outcome.tokens, 0),
  };
}

/** Returns the actual token count of a prompt, at least 1. */
export function countPromptTokens({ turns }: CompletionRequest, input: string, { tokens }: RequestContext): number {
  return Math.max(1, tokens.count(input) + tokens.framing(turns.length));
}

/** Returns the token counts of an answer and the length of its text. */
export function answerSize({ outcomes, promptTokens, completionTokens }: Generation): AnswerSize {
  const answerChars = outcomes.reduce((sum, { text }) => sum + (text?.text.length ?? 0), 0);
  return { promptTokens, completionTokens, answerChars };
}

type AnswerSize = Required<Pick<ResponseDraft, 'promptTokens' | 'completionTokens' | 'answerChars'>>;

export type TimedBody = Pick<ResponseDraft, 'headers' | 'headAfterUs' | 'frames'>;

/** Returns a JSON body that is due when the last token is ready. */
export function jsonAfterTokens(body: object, tokens: number, { settings, random }: RequestContext): TimedBody {
  return jsonAt(lastTokenUs(settings.latency, tokens, random.latency), body);
}

/** Returns a JSON body that is due `afterUs` microseconds after admission. */
export function jsonAt(afterUs: number, body: object): TimedBody {
  return {
    headers: { 'content-type': 'application/json' },
    headAfterUs: afterUs,
    frames: [{ afterUs, text: JSON.stringify(body) }],
  };
}

/** Collects the frames of a stream in order; each is due at the time of a token. */
export interface StreamWriter {
  /** The time of each token; has at least one entry. */
  readonly timesUs: readonly number[];
  readonly endUs: number;
  /**
   * Adds a frame that is due with `token`, or with the last token if there are fewer. `write` is called when the
   * frame is due and must return the same text each time.
   */
  write(token: number, write: () => string): void;
  /** Adds a frame that has its own text and time. */
  add(frame: Frame): void;
  finish(contentType: string): TimedBody;
}

export function createStreamWriter(tokens: number, { settings, random }: RequestContext): StreamWriter {
  const timesUs = tokenTimesUs(settings.latency, tokens, random.latency);
  const endUs = timesUs.at(-1)!;
  const frames: Frame[] = [];
  return {
    timesUs,
    endUs,
    add: (frame) => void frames.push(frame),
    write: (token, write) => void frames.push(new LazyFrame(timesUs[token] ?? endUs, write)),
    finish: (contentType) => ({
      headers: { 'content-type': contentType },
      headAfterUs: timesUs[0]!,
      frames: frames.slice(),
    }),
  };
}

/** The content type that providers send with server-sent events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';
