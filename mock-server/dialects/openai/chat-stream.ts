import type { Outcome } from '../../completion/outcome.ts';
import type { Frame } from '../../reply.ts';
import type { Content, Moment } from '../dialect.ts';
import { EVENT_STREAM, type Generation, type StreamWriter, streamWriter } from '../generation.ts';
import { type ChatHead, callId, finishReason, usageOf } from './chat-parts.ts';
import type { ChatRequest } from './chat-request.ts';
import { lateErrorBody } from './errors.ts';
import { logprobsOfToken } from './logprobs.ts';
import { drawObfuscation, obfuscation } from './obfuscation.ts';

/** What all pieces of one stream share, put into words once. */
interface Wording {
  /** What stands before and after the choices of every chunk. */
  readonly start: string;
  readonly end: string;
  readonly outcomes: readonly Outcome[];
  readonly timesUs: readonly number[];
}

/** A token of a text; open streams hold millions of these, so each is no more than where it is and how it is padded. */
class TokenFrame implements Frame {
  readonly wording: Wording;
  /** Token × number of choices + choice. */
  readonly place: number;
  readonly drawn: number | undefined;

  constructor(wording: Wording, place: number, drawn: number | undefined) {
    this.wording = wording;
    this.place = place;
    this.drawn = drawn;
  }

  get afterUs(): number {
    const { timesUs, outcomes } = this.wording;
    return timesUs[Math.floor(this.place / outcomes.length)]!;
  }

  get bytes(): string {
    const { wording, place, drawn } = this;
    const index = place % wording.outcomes.length;
    const content = wording.outcomes[index]!.text!.piece(Math.floor(place / wording.outcomes.length));
    return chunk(wording, { index, delta: { content }, logprobs: null, finish_reason: null }, drawn);
  }
}

/** Any other piece: a role, a call, a finish. */
class ChoiceFrame implements Frame {
  readonly wording: Wording;
  readonly afterUs: number;
  readonly choice: object;
  readonly drawn: number | undefined;

  constructor(wording: Wording, afterUs: number, choice: object, drawn: number | undefined) {
    this.wording = wording;
    this.afterUs = afterUs;
    this.choice = choice;
    this.drawn = drawn;
  }

  get bytes(): string {
    return chunk(this.wording, this.choice, this.drawn);
  }
}

function chunk({ start, end }: Wording, choice: object, drawn: number | undefined): string {
  const padding = drawn === undefined ? '' : `,"obfuscation":"${obfuscation(drawn)}"`;
  return `${start}${JSON.stringify(choice)}${end}${padding}}\n\n`;
}

/** Adds pieces of one stream in their order. */
interface Pieces {
  readonly wording: Wording;
  token(token: number, index: number): void;
  choice(token: number, index: number, delta: object, finish: string | null, logprobs?: object | null): void;
}

function piecesOf(wording: Wording, writer: StreamWriter, draw: () => number | undefined): Pieces {
  return {
    wording,
    token: (token, index) => writer.add(new TokenFrame(wording, token * wording.outcomes.length + index, draw())),
    choice(token, index, delta, finish, logprobs = null) {
      const choice = { index, delta, logprobs, finish_reason: finish };
      writer.add(new ChoiceFrame(wording, wording.timesUs[token] ?? writer.endUs, choice, draw()));
    },
  };
}

/** Token by token, the choices in step; then a finish chunk each, the usage if asked for, and `[DONE]`. */
export function streamChat(
  head: ChatHead,
  request: ChatRequest,
  generation: Generation,
  moment: Moment,
): Pick<Content, 'headers' | 'headAfterUs' | 'frames' | 'lateError'> {
  const { outcomes, longest } = generation;
  const writer = streamWriter(longest, moment);
  const { id, ...rest } = head;
  const start = `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', ...rest }).slice(0, -1)},"choices":[`;
  const wording = { start, end: request.includeUsage ? '],"usage":null' : ']', outcomes, timesUs: writer.timesUs };
  const pieces = piecesOf(wording, writer, () => (request.obfuscate ? drawObfuscation(moment.chances.ids) : undefined));
  for (const [index, { text }] of outcomes.entries()) {
    pieces.choice(0, index, { role: 'assistant', content: text === null ? null : '', refusal: null }, null);
  }
  addTexts(pieces, request.topLogprobs, moment);
  for (const [index, outcome] of outcomes.entries()) addCalls(pieces, outcome, index, moment);
  for (const [index, outcome] of outcomes.entries()) pieces.choice(longest, index, {}, finishReason(outcome));
  const { endUs } = writer;
  if (request.includeUsage) {
    writer.add({ afterUs: endUs, bytes: `${start}],"usage":${JSON.stringify(usageOf(generation))}}\n\n` });
  }
  writer.add({ afterUs: endUs, bytes: 'data: [DONE]\n\n' });
  return { ...writer.sent(EVENT_STREAM), lateError };
}

function lateError(_after: number, code: string): string {
  return `data: ${JSON.stringify({ error: lateErrorBody(code) })}\n\n`;
}

function addTexts(pieces: Pieces, topLogprobs: number | undefined, { chances }: Moment): void {
  const { timesUs, outcomes } = pieces.wording;
  for (const token of timesUs.keys()) {
    for (const [index, { text }] of outcomes.entries()) {
      if (text === null || token >= text.tokens) continue;
      if (topLogprobs === undefined) pieces.token(token, index);
      else {
        const content = text.piece(token);
        const told = logprobsOfToken(content, topLogprobs, chances.text);
        pieces.choice(token, index, { content }, null, { content: [told], refusal: null });
      }
    }
  }
}

/** A call's name with empty arguments, then the arguments in pieces. */
function addCalls(pieces: Pieces, { text, calls }: Outcome, index: number, moment: Moment): void {
  let token = text?.tokens ?? 0;
  for (const [place, call] of calls.entries()) {
    const { name, id } = call;
    const first = { index: place, id: callId(id, moment), type: 'function', function: { name, arguments: '' } };
    pieces.choice(token, index, { tool_calls: [first] }, null);
    for (const piece of call.pieces) {
      pieces.choice(token++, index, { tool_calls: [{ index: place, function: { arguments: piece } }] }, null);
    }
  }
}
