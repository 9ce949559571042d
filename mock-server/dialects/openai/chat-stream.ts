import type { Outcome } from '../../completion/outcome.ts';
import type { Content, Moment } from '../dialect.ts';
import { EVENT_STREAM, type Generation, type StreamWriter, streamWriter } from '../generation.ts';
import { type ChatHead, callId, finishReason, usageOf } from './chat-answer.ts';
import type { ChatRequest } from './chat-request.ts';
import { lateErrorBody } from './errors.ts';
import { logprobsOfToken } from './logprobs.ts';
import { obfuscation } from './obfuscation.ts';

/** Writes one chunk with one choice, due with a token. */
type WriteChoice = (token: number, index: number, delta: object, finish: string | null, logprobs?: object) => void;

/**
 * Token by token, the choices in step; then a finish chunk each, the usage if asked for, and `[DONE]`. What all chunks
 * share is put into words once.
 */
export function streamChat(
  head: ChatHead,
  request: ChatRequest,
  generation: Generation,
  moment: Moment,
): Pick<Content, 'headers' | 'headAfterUs' | 'frames' | 'lateError'> {
  const { outcomes, longest } = generation;
  const writer = streamWriter(longest, moment);
  const start = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk' }).slice(0, -1)},"choices":[`;
  const end = request.includeUsage ? '],"usage":null' : ']';
  const random = moment.chances.ids;
  const writeChoice: WriteChoice = (token, index, delta, finish, logprobs) => {
    const choice = JSON.stringify({ index, delta, logprobs: logprobs ?? null, finish_reason: finish });
    const padding = request.obfuscate ? `,"obfuscation":"${obfuscation(random)}"` : '';
    writer.write(token, `${start}${choice}${end}${padding}}\n\n`);
  };
  for (const [index, outcome] of outcomes.entries()) {
    writeChoice(0, index, { role: 'assistant', content: outcome.text === null ? null : '', refusal: null }, null);
  }
  writeTexts(outcomes, request, writer, writeChoice, moment);
  for (const [index, outcome] of outcomes.entries()) writeCalls(outcome, index, writeChoice, moment);
  for (const [index, outcome] of outcomes.entries()) writeChoice(longest, index, {}, finishReason(outcome));
  if (request.includeUsage) {
    writer.write(longest, `${start}],"usage":${JSON.stringify(usageOf(generation))}}\n\n`);
  }
  writer.write(longest, 'data: [DONE]\n\n');
  const lateError = (_after: number, code: string): string =>
    `data: ${JSON.stringify({ error: lateErrorBody(code) })}\n\n`;
  return { ...writer.sent(EVENT_STREAM), lateError };
}

function writeTexts(
  outcomes: readonly Outcome[],
  { topLogprobs }: ChatRequest,
  { timesUs }: StreamWriter,
  writeChoice: WriteChoice,
  { chances }: Moment,
): void {
  for (const token of timesUs.keys()) {
    for (const [index, { text }] of outcomes.entries()) {
      if (text === null || token >= text.tokens) continue;
      const content = text.piece(token);
      const logprobs =
        topLogprobs === undefined
          ? undefined
          : { content: [logprobsOfToken(content, topLogprobs, chances.text)], refusal: null };
      writeChoice(token, index, { content }, null, logprobs);
    }
  }
}

/** A call's name with empty arguments, then the arguments in pieces. */
function writeCalls({ text, calls }: Outcome, index: number, writeChoice: WriteChoice, moment: Moment): void {
  let token = text?.tokens ?? 0;
  for (const [place, { name, pieces, id }] of calls.entries()) {
    const first = { index: place, id: callId(id, moment), type: 'function', function: { name, arguments: '' } };
    writeChoice(token, index, { tool_calls: [first] }, null);
    for (const piece of pieces) {
      writeChoice(token++, index, { tool_calls: [{ index: place, function: { arguments: piece } }] }, null);
    }
  }
}
