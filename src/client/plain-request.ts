import type { Body } from '../../mock-server/dialects/body.ts';
import { DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { PlainPrompt } from '../../mock-server/dialects/reader.ts';

/** A prompt as a plain POST request, without an SDK. */
export interface PlainRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Builds a request of a dialect to the provider configured in `env` (see `providerEnvironment`). */
export function plainRequest(
  dialect: DialectName,
  env: Readonly<Record<string, string | undefined>>,
  prompt: PlainPrompt,
): PlainRequest {
  const { baseVariable, keyVariable, path, headers, body } = DIALECTS[dialect].reader.promptFormat;
  return {
    url: `${env[baseVariable]}${path(prompt)}`,
    headers: { 'content-type': 'application/json', ...headers(String(env[keyVariable])) },
    body: JSON.stringify(body(prompt)),
  };
}

/** Returns the text of a complete server-sent event stream. Throws if it is incomplete or reports an error. */
export function streamedText(dialect: DialectName, stream: string): string {
  const { answerText, isLastEvent } = DIALECTS[dialect].reader;
  let content = '';
  let ended = false;
  // Not `.` and `$` of a pattern: in JSON, U+2028 and U+2029 are part of a text.
  for (const line of stream.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice('data:'.length).trim();
    const event = (data === '[DONE]' ? { done: true } : JSON.parse(data)) as StreamEvent;
    if (event.error) throw new Error(`the stream reported an error: ${event.error.message}`);
    content += answerText(event);
    ended ||= isLastEvent(event);
  }
  if (!ended) throw new Error('the stream ended early');
  return content;
}

interface StreamEvent extends Body {
  readonly error?: { readonly message?: string };
}
