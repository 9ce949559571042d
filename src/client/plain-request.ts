import type { DialectName } from '../../mock-server/settings.ts';
import type { Call } from './client.ts';

/** One question as a POST, with nothing of an SDK's around it. */
export interface PlainRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a question needs of a call. */
export type Asked = Pick<Call, 'model' | 'prompt' | 'maxTokens' | 'stream'>;

type Environment = Readonly<Record<string, string | undefined>>;

/** How one provider is asked and how its streams end (`wire.md` 1.3, 2). */
interface Form {
  url(env: Environment, asked: Asked): string;
  headers(env: Environment): Record<string, string>;
  body(asked: Asked): object;
  /** The text that one event of a stream adds. */
  text(event: Event): string | undefined;
  /** Whether an event is a stream's last. */
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

/** Anthropic lets no request in without. */
const ASSUMED_MAX_TOKENS = 1024;

const openai: Form = {
  url: (env) => `${env.OPENAI_BASE_URL}/chat/completions`,
  headers: (env) => ({ authorization: `Bearer ${env.OPENAI_API_KEY}` }),
  body: ({ model, prompt, maxTokens, stream }) => ({
    model,
    messages: [{ role: 'user', content: prompt }],
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
    ...(stream && { stream }),
  }),
  text: ({ choices }) => choices?.[0]?.delta?.content,
  isLast: ({ done }) => done === true,
};

const FORMS: Readonly<Record<DialectName, Form>> = {
  openai,
  azure: {
    ...openai,
    url: (env, { model }) =>
      `${env.AZURE_OPENAI_ENDPOINT}/openai/deployments/${encodeURIComponent(model)}/chat/completions` +
      `?api-version=${env.OPENAI_API_VERSION}`,
    headers: (env) => ({ 'api-key': String(env.AZURE_OPENAI_API_KEY) }),
  },
  anthropic: {
    url: (env) => `${env.ANTHROPIC_BASE_URL}/v1/messages`,
    headers: (env) => ({ 'x-api-key': String(env.ANTHROPIC_API_KEY), 'anthropic-version': '2023-06-01' }),
    body: ({ model, prompt, maxTokens = ASSUMED_MAX_TOKENS, stream }) => ({
      model,
      messages: [{ role: 'user', content: prompt }],
      max_tokens: maxTokens,
      ...(stream && { stream }),
    }),
    text: ({ delta }) => delta?.text,
    isLast: ({ type }) => type === 'message_stop',
  },
  gemini: {
    url: (env, { model, stream }) =>
      `${env.GOOGLE_GEMINI_BASE_URL}/v1beta/models/${encodeURIComponent(model)}:` +
      (stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    headers: (env) => ({ 'x-goog-api-key': String(env.GEMINI_API_KEY) }),
    body: ({ prompt, maxTokens }) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
    }),
    text: ({ candidates }) => candidates?.[0]?.content?.parts?.[0]?.text,
    isLast: ({ candidates }) => candidates?.[0]?.finishReason !== undefined,
  },
};

/** The request with which a provider of this dialect, found by the environment (`providerEnvironment`), is asked. */
export function plainRequest(dialect: DialectName, env: Environment, asked: Asked): PlainRequest {
  const form = FORMS[dialect];
  return {
    url: form.url(env, asked),
    headers: { 'content-type': 'application/json', ...form.headers(env) },
    body: JSON.stringify(form.body(asked)),
  };
}

/** The text of a whole stream of server-sent events. Throws for one that broke off or that tells of an error. */
export function streamedText(dialect: DialectName, stream: string): string {
  const { text, isLast } = FORMS[dialect];
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
