import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { unknownModel } from './errors.ts';

type UnixSeconds = number;

interface Model {
  /** The dated name that appears in answers. */
  readonly snapshot: string;
  readonly created: UnixSeconds;
  /** The context window: maximum input and output tokens. */
  readonly context: number;
  /** Embedding length; absent for other models. */
  readonly dimensions?: number;
  /** A reasoning model, which accepts neither `max_tokens` nor a temperature. */
  readonly isReasoning?: true;
}

/** Public names with their snapshots of 2025 and the creation times that `GET /v1/models` lists. */
const MODELS: Readonly<Record<string, Model>> = {
  'gpt-3.5-turbo': { snapshot: 'gpt-3.5-turbo-0125', created: 1677610602, context: 16_385 },
  'gpt-3.5-turbo-instruct': { snapshot: 'gpt-3.5-turbo-instruct', created: 1692901427, context: 4096 },
  'gpt-4': { snapshot: 'gpt-4-0613', created: 1687882411, context: 8192 },
  'gpt-4-turbo': { snapshot: 'gpt-4-turbo-2024-04-09', created: 1712361441, context: 128_000 },
  'gpt-4o': { snapshot: 'gpt-4o-2024-08-06', created: 1715367049, context: 128_000 },
  'gpt-4o-mini': { snapshot: 'gpt-4o-mini-2024-07-18', created: 1721172741, context: 128_000 },
  'gpt-4.1': { snapshot: 'gpt-4.1-2025-04-14', created: 1744316542, context: 1_047_576 },
  'gpt-4.1-mini': { snapshot: 'gpt-4.1-mini-2025-04-14', created: 1744318173, context: 1_047_576 },
  'gpt-4.1-nano': { snapshot: 'gpt-4.1-nano-2025-04-14', created: 1744321707, context: 1_047_576 },
  o3: { snapshot: 'o3-2025-04-16', created: 1744225308, context: 200_000, isReasoning: true },
  'o4-mini': { snapshot: 'o4-mini-2025-04-16', created: 1744225351, context: 200_000, isReasoning: true },
  'gpt-5': { snapshot: 'gpt-5-2025-08-07', created: 1754425777, context: 400_000, isReasoning: true },
  'gpt-5-mini': { snapshot: 'gpt-5-mini-2025-08-07', created: 1754425928, context: 400_000, isReasoning: true },
  'gpt-5-nano': { snapshot: 'gpt-5-nano-2025-08-07', created: 1754426384, context: 400_000, isReasoning: true },
  'text-embedding-3-small': embeddingModel('text-embedding-3-small', 1705948997, 1536),
  'text-embedding-3-large': embeddingModel('text-embedding-3-large', 1705953180, 3072),
  'text-embedding-ada-002': embeddingModel('text-embedding-ada-002', 1671217299, 1536),
  'omni-moderation-latest': { snapshot: 'omni-moderation-latest', created: 1731689265, context: 32_768 },
  'gpt-image-1': { snapshot: 'gpt-image-1', created: 1745517030, context: 32_768 },
  'dall-e-3': { snapshot: 'dall-e-3', created: 1698785189, context: 4096 },
};

function embeddingModel(snapshot: string, created: UnixSeconds, dimensions: number): Model {
  return { snapshot, created, context: 8192, dimensions };
}

/** Other names in the specification (2026-08-21) and the SDK (7.57); only their family is known. */
const OTHER_NAMES = (
  'gpt-6-astra gpt-6.1-sol gpt-6.1-terra gpt-6-sol gpt-6-luna gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-5.6-cyber gpt-5.5 ' +
  'gpt-5.5-2026-04-23 gpt-5.5-pro gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.4-mini-2026-03-17 gpt-5.4-nano-2026-03-17 ' +
  'gpt-5.3-chat-latest gpt-5.2 gpt-5.2-2025-12-11 gpt-5.2-chat-latest gpt-5.2-pro gpt-5.1 gpt-5.1-2025-11-13 gpt-5.1-codex ' +
  'gpt-5.1-codex-max gpt-5.1-mini gpt-5.1-chat-latest gpt-5-pro gpt-5-codex gpt-5-chat-latest o3-mini o3-mini-2025-01-31 ' +
  'o3-pro o1 o1-2024-12-17 o1-pro o1-mini gpt-4o-2024-11-20 gpt-4o-2024-05-13 gpt-4o-search-preview ' +
  'gpt-4o-mini-search-preview chatgpt-4o-latest codex-mini-latest gpt-4-turbo-preview gpt-4-32k gpt-3.5-turbo-16k'
).split(' ');

/** Minimum context of models of 2026; their creation times are unknown. */
const OTHER_CONTEXT = 400_000;
const OTHER_CREATED = 1767225600;

function createOtherModel(name: string): Model {
  const reasoning = /^(o\d|gpt-[5-9])/.test(name) && !name.includes('chat');
  const context = /^gpt-[34]|^chatgpt/.test(name) ? 128_000 : OTHER_CONTEXT;
  return { snapshot: name, created: OTHER_CREATED, context, ...(reasoning && { isReasoning: true as const }) };
}

const BY_NAME = new Map([
  ...Object.entries(MODELS).flatMap(([name, model]) => [[name, model] as const, [model.snapshot, model] as const]),
  ...OTHER_NAMES.map((name) => [name, createOtherModel(name)] as const),
]);

/** Valid names for `models: any`: safe in headers and log lines. */
const MODEL_NAME = /^[\w.:/@-]{1,256}$/;

export function modelExists(name: string, models: 'any' | readonly string[]): boolean {
  return BY_NAME.has(name) || (models === 'any' ? MODEL_NAME.test(name) : models.includes(name));
}

/** Returns the dated name that appears in answers for a requested model. */
export function snapshotOf(name: string): string {
  return BY_NAME.get(name)?.snapshot ?? name;
}

/** Returns the embedding length of a model, 1536 if unknown. */
export function dimensionsOf(name: string): number {
  return BY_NAME.get(name)?.dimensions ?? 1536;
}

/** Returns the context window of a model, `Infinity` if unknown. */
export function maxContextTokens(name: string): number {
  return BY_NAME.get(name)?.context ?? Infinity;
}

export function isEmbeddingModel(name: string): boolean {
  return BY_NAME.get(name)?.dimensions !== undefined;
}

export function isReasoningModel(name: string): boolean {
  return BY_NAME.get(name)?.isReasoning === true;
}

function modelObject(id: string, created: UnixSeconds): object {
  return { id, object: 'model', created, owned_by: 'system', shutdown_date: null };
}

/** Answers `GET /v1/models`: the built-in names, then those of the scenario. */
export function modelsResponse({ settings, nowUs }: RequestContext): ResponseDraft {
  const own = settings.models === 'any' ? [] : settings.models.filter((name) => !BY_NAME.has(name));
  const data = [
    ...[...BY_NAME].map(([name, model]) => modelObject(name, model.created)),
    ...own.map((name) => modelObject(name, Math.floor(nowUs / 1e6))),
  ];
  return { status: 200, ...jsonAt(0, { object: 'list', data }) };
}

/** Answers `GET /v1/models/{model}`. */
export function modelResponse(name: string, { settings, nowUs }: RequestContext): ResponseDraft {
  if (!modelExists(name, settings.models)) return unknownModel(name);
  return { status: 200, ...jsonAt(0, modelObject(name, BY_NAME.get(name)?.created ?? Math.floor(nowUs / 1e6))) };
}
