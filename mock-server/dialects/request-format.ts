import type { DialectName } from '../settings.ts';

/** A single-turn prompt without history or tools. */
export interface PlainPrompt {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** How to send a prompt to a provider as a plain HTTP POST, without an SDK (`wire.md` 1.3, 2). */
interface RequestFormat {
  /** Environment variables that hold the base URL and the API key (see `Dialect.environment`). */
  readonly baseVariable: string;
  readonly keyVariable: string;
  /** Path and query, relative to the base URL. */
  path(prompt: PlainPrompt): string;
  headers(key: string): Readonly<Record<string, string>>;
  body(prompt: PlainPrompt): JsonBody;
}

export interface JsonBody {
  readonly [key: string]: JsonValue;
}
type JsonValue = string | number | boolean | JsonBody | readonly JsonValue[];

/** The `api-version` of Azure requests. */
export const AZURE_API_VERSION = '2024-10-21';

/** Default `max_tokens` for Anthropic, which requires the field. */
const DEFAULT_MAX_TOKENS = 1024;

const openai: RequestFormat = {
  baseVariable: 'OPENAI_BASE_URL',
  keyVariable: 'OPENAI_API_KEY',
  path: () => '/chat/completions',
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  body: ({ model, prompt, maxTokens, stream }) => ({
    model,
    messages: [{ role: 'user', content: prompt }],
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
    ...(stream && { stream }),
  }),
};

export const REQUEST_FORMATS: Readonly<Record<DialectName, RequestFormat>> = {
  openai,
  azure: {
    ...openai,
    baseVariable: 'AZURE_OPENAI_ENDPOINT',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    path: ({ model }) =>
      `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=${AZURE_API_VERSION}`,
    headers: (key) => ({ 'api-key': key }),
  },
  anthropic: {
    baseVariable: 'ANTHROPIC_BASE_URL',
    keyVariable: 'ANTHROPIC_API_KEY',
    path: () => '/v1/messages',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    body: ({ model, prompt, maxTokens = DEFAULT_MAX_TOKENS, stream }) => ({
      model,
      max_tokens: maxTokens,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
    }),
  },
  gemini: {
    baseVariable: 'GOOGLE_GEMINI_BASE_URL',
    keyVariable: 'GEMINI_API_KEY',
    path: ({ model, stream }) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: (key) => ({ 'x-goog-api-key': key }),
    body: ({ prompt, maxTokens }) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
    }),
  },
};
