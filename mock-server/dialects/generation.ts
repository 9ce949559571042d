import { type Ask, textIn, turnsText } from '../completion/ask.ts';
import { lastTokenUs, tokenTimesUs } from '../completion/latency.ts';
import { type Outcome, outcomeOf } from '../completion/outcome.ts';
import type { RuleError } from '../completion/rules.ts';
import { type Frame, LazyFrame } from '../reply.ts';
import type { Content, Moment } from './dialect.ts';

/** What a model says to one request, a text per choice, and what it costs. */
export interface Generation {
  readonly outcomes: readonly Outcome[];
  readonly longest: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** All that a request gives a model to read, tools included: what estimates and counts go by. */
export function inputText({ turns, tools, schema }: Ask): string {
  const text = turnsText(turns);
  if (tools.length === 0 && schema === undefined) return text;
  return text + textIn(tools) + textIn(schema);
}

/** The prompt without what an application says in every one of them. */
export function promptText({ turns }: Ask): string {
  return turns.some(({ role }) => role === 'system')
    ? turnsText(turns.filter(({ role }) => role !== 'system'))
    : turnsText(turns);
}

/** Answers an ask `n` times; choices of one request share their prompt, so its tokens count once. */
export function generate(ask: Ask, n: number, input: string, moment: Moment): Generation | RuleError {
  const { settings, chances, tokens, memory } = moment;
  const speaker = { settings, random: chances.text, counts: memory.ruleCounts, tokens };
  const outcomes: Outcome[] = [];
  for (let choice = 0; choice < n; choice++) {
    const outcome = outcomeOf(ask, speaker);
    if ('status' in outcome) return outcome;
    outcomes.push(outcome);
  }
  return {
    outcomes,
    longest: Math.max(...outcomes.map((outcome) => outcome.tokens)),
    promptTokens: promptTokensOf(ask, input, moment),
    completionTokens: outcomes.reduce((sum, outcome) => sum + outcome.tokens, 0),
  };
}

/** The true tokens of a prompt, at least one. */
export function promptTokensOf({ turns }: Ask, input: string, { tokens }: Moment): number {
  return Math.max(1, tokens.count(input) + tokens.framing(turns.length));
}

/** What an answer cost, and how much it says. */
export function spentOf({ outcomes, promptTokens, completionTokens }: Generation): Spent {
  const answerChars = outcomes.reduce((sum, { text }) => sum + (text?.text.length ?? 0), 0);
  return { promptTokens, completionTokens, answerChars };
}

type Spent = Required<Pick<Content, 'promptTokens' | 'completionTokens' | 'answerChars'>>;

export type Sent = Pick<Content, 'headers' | 'headAfterUs' | 'frames'>;

/** A body in one piece, which is there when the last token is. */
export function inOnePiece(body: object, tokens: number, { settings, chances }: Moment): Sent {
  return jsonAt(lastTokenUs(settings.latency, tokens, chances.latency), body);
}

export function jsonAt(afterUs: number, body: object): Sent {
  return {
    headers: { 'content-type': 'application/json' },
    headAfterUs: afterUs,
    frames: [{ afterUs, bytes: JSON.stringify(body) }],
  };
}

/** A stream that is written in order, each piece with the time of a token. */
export interface StreamWriter {
  /** Token by token, from 0; there is a time for at least one. */
  readonly timesUs: readonly number[];
  readonly endUs: number;
  /**
   * Adds a piece, due with token `token`; beyond the last token, with it. `write` is asked when it is due, and must give the
   * same each time.
   */
  write(token: number, write: () => string): void;
  /** Adds a piece that knows itself what it says, and when. */
  add(frame: Frame): void;
  sent(contentType: string): Sent;
}

export function streamWriter(tokens: number, { settings, chances }: Moment): StreamWriter {
  const timesUs = tokenTimesUs(settings.latency, tokens, chances.latency);
  const endUs = timesUs.at(-1)!;
  const frames: Frame[] = [];
  return {
    timesUs,
    endUs,
    add: (frame) => void frames.push(frame),
    write: (token, write) => void frames.push(new LazyFrame(timesUs[token] ?? endUs, write)),
    sent: (contentType) => ({
      headers: { 'content-type': contentType },
      headAfterUs: timesUs[0]!,
      frames: frames.slice(),
    }),
  };
}

/** The content type of server-sent events, as the providers send it. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';
