import { type PlainPrompt, REQUEST_FORMATS } from '../../mock-server/dialects/request-format.ts';
import type { DialectName } from '../../mock-server/settings.ts';

/** A prompt as a plain POST request, without an SDK. */
export interface PlainRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How to read text and end of a dialect's stream (`wire.md` 1.3, 2). */
interface StreamForm {
  /** The text of one event. */
  text(event: Event): string | undefined;
  /** Whether an event is the last. */
  isLast(event: Event): boolean;
}

/** Fields of stream events that are read, of all dialects. */
interface Event {
  readonly done?: true;
  readonly error?: { readonly message?: string };
  readonly type?: string;
  readonly delta?: { readonly text?: string };
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly { readonly text?: string }[] };
    readonly finishReason?: string;
  }[];
}

const openai: StreamForm = {
  text: ({ choices }) => choices?.[0]?.delta?.content,
  isLast: ({ done }) => done === true,
};

const STREAMS: Readonly<Record<DialectName, StreamForm>> = {
  openai,
  azure: openai,
  anthropic: { text: ({ delta }) => delta?.text, isLast: ({ type }) => type === 'message_stop' },
  gemini: {
    text: ({ candidates }) => candidates?.[0]?.content?.parts?.[0]?.text,
    isLast: ({ candidates }) => candidates?.[0]?.finishReason !== undefined,
  },
};

/** Builds a request of a dialect to the provider configured in `env` (see `providerEnvironment`). */
export function plainRequest(
  dialect: DialectName,
  env: Readonly<Record<string, string | undefined>>,
  prompt: PlainPrompt,
): PlainRequest {
  const { baseVariable, keyVariable, path, headers, body } = REQUEST_FORMATS[dialect];
  return {
    url: `${env[baseVariable]}${path(prompt)}`,
    headers: { 'content-type': 'application/json', ...headers(String(env[keyVariable])) },
    body: JSON.stringify(body(prompt)),
  };
}

/** Returns the text of a complete server-sent event stream. Throws if it is incomplete or reports an error. */
export function streamedText(dialect: DialectName, stream: string): string {
  const { text, isLast } = STREAMS[dialect];
  let content = '';
  let ended = false;
  for (const [, data] of stream.matchAll(/^data: ?(.*)$/gm)) {
    const event = (data === '[DONE]' ? { done: true } : JSON.parse(data!)) as Event;
    if (event.error) throw new Error(`the stream reported an error: ${event.error.message}`);
    content += text(event) ?? '';
    ended ||= isLast(event);
  }
  if (!ended) throw new Error('the stream ended early');
  return content;
}
