import { omitUndefined } from '../../../mock-server/json-value.ts';
import type { Attempt } from '../../analysis/run/run-view.ts';

/** A body with its type. */
export interface StandIn {
  readonly mimeType: string;
  readonly text: string;
}

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream';

/**
 * Returns a body that shows what the journal knows of a reply: its tokens, its error, what was wrong with it. Prompts and answers
 * are in no journal, so no text of an answer is in it; a broken one has as many dots as characters arrived.
 */
export function standInReply(attempt: Attempt): StandIn {
  const { defect, sentChars, stream, status } = attempt;
  const error = errorIn(attempt);
  const usage = usageIn(attempt);
  const partial = sentChars === undefined ? [] : [{ delta: '.'.repeat(sentChars) }];
  if (defect === 'not-json') return { mimeType: JSON_TYPE, text: 'not JSON' };
  if (defect === 'content-type') return { mimeType: 'text/html', text: JSON.stringify({ ...partial[0], ...usage }) };
  if (defect === 'error-event') return { mimeType: STREAM_TYPE, text: events([...partial, { error }]) };
  if (defect === 'cut-stream') return { mimeType: STREAM_TYPE, text: events(partial) };
  const isAnswer = status >= 200 && status < 300 && defect === undefined;
  if (!isAnswer) return { mimeType: JSON_TYPE, text: JSON.stringify({ error }) };
  if (!stream) return { mimeType: JSON_TYPE, text: JSON.stringify(usage) };
  const isWhole = attempt.outcome === 'response';
  const text = `${events([...partial, usage])}${isWhole ? 'data: [DONE]\n\n' : ''}`;
  return { mimeType: STREAM_TYPE, text };
}

function events(list: readonly object[]): string {
  return list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}

function usageIn({ promptTokens, completionTokens }: Attempt): object {
  if (promptTokens === undefined && completionTokens === undefined) return {};
  return { usage: omitUndefined({ input_tokens: promptTokens, output_tokens: completionTokens }) };
}

/** The wait in the body is Gemini's RetryInfo, or the words of a message. */
function errorIn(attempt: Attempt): object {
  const { errorType, errorCode, status, retryAfterRaw, retryAfterSource, messageWaitUs } = attempt;
  const details = retryAfterSource === 'retry-info' ? [{ retryDelay: retryAfterRaw }] : undefined;
  const message = messageWaitUs === undefined ? undefined : `Please try again in ${messageWaitUs / 1e6}s.`;
  return omitUndefined({ type: errorType, code: errorCode ?? String(status), message, details });
}
