import { QUESTION_FORMS, type Question } from '../../mock-server/dialects/question.ts';
import type { DialectName } from '../../mock-server/settings.ts';

/** One question as a POST, with nothing of an SDK's around it. */
export interface PlainRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How one provider's streams tell their text and end (`wire.md` 1.3, 2). */
interface StreamForm {
  /** The text that one event adds. */
  text(event: Event): string | undefined;
  /** Whether an event is the last. */
  isLast(event: Event): boolean;
}

/** What is read of a stream's events, all providers' together. */
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

/** The request with which a provider of this dialect, found by the environment (`providerEnvironment`), is asked. */
export function plainRequest(
  dialect: DialectName,
  env: Readonly<Record<string, string | undefined>>,
  asked: Question,
): PlainRequest {
  const { baseVariable, keyVariable, path, headers, body } = QUESTION_FORMS[dialect];
  return {
    url: `${env[baseVariable]}${path(asked)}`,
    headers: { 'content-type': 'application/json', ...headers(String(env[keyVariable])) },
    body: JSON.stringify(body(asked)),
  };
}

/** The text of a whole stream of server-sent events. Throws for one that broke off or that tells of an error. */
export function streamedText(dialect: DialectName, stream: string): string {
  const { text, isLast } = STREAMS[dialect];
  let said = '';
  let ended = false;
  for (const [, data] of stream.matchAll(/^data: ?(.*)$/gm)) {
    const event = (data === '[DONE]' ? { done: true } : JSON.parse(data!)) as Event;
    if (event.error) throw new Error(`the stream tells of an error: ${event.error.message}`);
    said += text(event) ?? '';
    ended ||= isLast(event);
  }
  if (!ended) throw new Error('the stream broke off before its end');
  return said;
}
