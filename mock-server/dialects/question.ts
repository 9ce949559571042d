import type { DialectName } from '../settings.ts';

/** One question, without history or tools. */
export interface Question {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** How a provider is asked by POST (`wire.md` 1.3, 2), with nothing of an SDK's around it. */
interface QuestionForm {
  /** The variables of the environment that say where the provider is, and with which key (`Dialect.environment`). */
  readonly baseVariable: string;
  readonly keyVariable: string;
  /** What comes after the base URL. */
  path(asked: Question): string;
  headers(key: string): Readonly<Record<string, string>>;
  body(asked: Question): QuestionBody;
}

/** JSON. */
export interface QuestionBody {
  readonly [key: string]: QuestionValue;
}
type QuestionValue = string | number | boolean | QuestionBody | readonly QuestionValue[];

/** The version of Azure's API that questions are asked in. */
export const AZURE_API_VERSION = '2024-10-21';

/** Anthropic lets no request in without. */
const ASSUMED_MAX_TOKENS = 1024;

const openai: QuestionForm = {
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

export const QUESTION_FORMS: Readonly<Record<DialectName, QuestionForm>> = {
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
    body: ({ model, prompt, maxTokens = ASSUMED_MAX_TOKENS, stream }) => ({
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
