import type { Body } from '../../../mock-server/dialects/body.ts';
import { DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { ClientCall } from '../../../src/client/client.ts';
import { plainRequest } from '../../../src/client/plain-request.ts';
import type { Ending } from './client-value.ts';
import type { WaitText } from './reading.ts';

/** An ended attempt as the client sees it: how it ended, its text (of a broken stream: what came), and the wait it requests. */
export interface Outcome {
  readonly ending: Ending;
  readonly text: string;
  readonly status?: number;
  readonly code?: string;
  readonly message: string;
  readonly requests: WaitText;
}

/** Sends one request and reads its reply to the end. Never rejects. */
export async function sendAttempt(
  dialect: DialectName,
  call: ClientCall,
  extra: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onHead: () => void,
): Promise<Outcome> {
  const { url, headers, body } = plainRequest(dialect, process.env, call);
  let text = '';
  try {
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...extra }, body, signal });
    onHead();
    if (!response.ok) return refusedOutcome(response, await response.text());
    if (!call.stream) return wholeOutcome(dialect, response, await response.text());
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
    return streamOutcome(dialect, text);
  } catch (error) {
    const partial = streamOutcome(dialect, text).text;
    return { ending: 'broken', text: partial, message: String((error as Error).message), requests: {} };
  }
}

function refusedOutcome({ status, headers }: Response, body: string): Outcome {
  const error = errorOf(body);
  const retryInfo = error.details?.find((detail) => detail['@type']?.endsWith('RetryInfo'))?.retryDelay;
  const requests: WaitText = {
    retryAfter: headers.get('retry-after') ?? undefined,
    retryAfterMs: headers.get('retry-after-ms') ?? undefined,
    retryInfo,
    date: headers.get('date') ?? undefined,
  };
  const code = error.code === undefined ? undefined : String(error.code);
  const message = error.message ?? body.slice(0, 100);
  return {
    ending: endingOf(status, `${code} ${error.type} ${message}`),
    text: '',
    status,
    message,
    requests,
    ...(code && { code }),
  };
}

function endingOf(status: number, words: string): Ending {
  const isBill = /insufficient_quota|credit|spend_limit|usage_limit/.test(words);
  if (isBill) return 'spent';
  if (status === 429) return /too large/.test(words) ? 'too-large' : 'refused';
  if (status === 503 || status === 529) return 'overloaded';
  return status >= 500 || status === 408 || status === 409 ? 'failed' : 'rejected';
}

interface ErrorBody {
  readonly type?: string;
  readonly code?: string | number | null;
  readonly message?: string;
  readonly details?: readonly { readonly '@type'?: string; readonly retryDelay?: string }[];
}

function errorOf(body: string): ErrorBody {
  try {
    const parsed = JSON.parse(body) as { error?: ErrorBody };
    return parsed.error ?? {};
  } catch {
    return {};
  }
}

function wholeOutcome(dialect: DialectName, { headers }: Response, body: string): Outcome {
  const unreadable = (message: string): Outcome => ({ ending: 'unreadable', text: '', message, requests: {} });
  if (!headers.get('content-type')?.includes('json')) return unreadable('the reply is not JSON');
  try {
    const parsed = JSON.parse(body) as Body & { error?: ErrorBody };
    if (parsed.error) return unreadable(parsed.error.message ?? 'an error in a 200');
    return { ending: 'answered', text: DIALECTS[dialect].reader.answerText(parsed), message: '', requests: {} };
  } catch {
    return unreadable('the reply cannot be parsed');
  }
}

function streamOutcome(dialect: DialectName, stream: string): Outcome {
  const { answerText, isLastEvent } = DIALECTS[dialect].reader;
  let text = '';
  let ended = false;
  for (const line of stream.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice('data:'.length).trim();
    try {
      const event = (data === '[DONE]' ? { done: true } : JSON.parse(data)) as Body & { error?: ErrorBody };
      if (event.error)
        return { ending: 'overloaded', text, message: event.error.message ?? 'an error event', requests: {} };
      text += answerText(event);
      ended ||= isLastEvent(event);
    } catch {
      return { ending: 'unreadable', text, message: 'an event is not JSON', requests: {} };
    }
  }
  return { ending: ended ? 'answered' : 'broken', text, message: ended ? '' : 'the stream ended early', requests: {} };
}
