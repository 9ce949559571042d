import type { Content, Moment } from '../dialect.ts';
import { unknownModel } from './errors.ts';

/** Unix seconds of a date. */
type Created = number;

interface Model {
  /** The dated name that answers carry. */
  readonly snapshot: string;
  readonly created: Created;
  /** Length of an embedding, for models that make them. */
  readonly dimensions?: number;
}

/** Public names and the snapshots they stood for in 2025, with the creation times that `GET /v1/models` gives. */
const MODELS: Readonly<Record<string, Model>> = {
  'gpt-3.5-turbo': { snapshot: 'gpt-3.5-turbo-0125', created: 1677610602 },
  'gpt-4': { snapshot: 'gpt-4-0613', created: 1687882411 },
  'gpt-4-turbo': { snapshot: 'gpt-4-turbo-2024-04-09', created: 1712361441 },
  'gpt-4o': { snapshot: 'gpt-4o-2024-08-06', created: 1715367049 },
  'gpt-4o-mini': { snapshot: 'gpt-4o-mini-2024-07-18', created: 1721172741 },
  'gpt-4.1': { snapshot: 'gpt-4.1-2025-04-14', created: 1744316542 },
  'gpt-4.1-mini': { snapshot: 'gpt-4.1-mini-2025-04-14', created: 1744318173 },
  'gpt-4.1-nano': { snapshot: 'gpt-4.1-nano-2025-04-14', created: 1744321707 },
  o3: { snapshot: 'o3-2025-04-16', created: 1744225308 },
  'o4-mini': { snapshot: 'o4-mini-2025-04-16', created: 1744225351 },
  'gpt-5': { snapshot: 'gpt-5-2025-08-07', created: 1754425777 },
  'gpt-5-mini': { snapshot: 'gpt-5-mini-2025-08-07', created: 1754425928 },
  'gpt-5-nano': { snapshot: 'gpt-5-nano-2025-08-07', created: 1754426384 },
  'text-embedding-3-small': { snapshot: 'text-embedding-3-small', created: 1705948997, dimensions: 1536 },
  'text-embedding-3-large': { snapshot: 'text-embedding-3-large', created: 1705953180, dimensions: 3072 },
  'text-embedding-ada-002': { snapshot: 'text-embedding-ada-002', created: 1671217299, dimensions: 1536 },
};

const BY_NAME = new Map(
  Object.entries(MODELS).flatMap(([name, model]) => [[name, model] as const, [model.snapshot, model] as const]),
);

/** A name that cannot be one: it would not survive a header or a log line. */
const PLAUSIBLE = /^[\w.:/@-]{1,256}$/;

export function modelExists(name: string, models: 'any' | readonly string[]): boolean {
  return BY_NAME.has(name) || (models === 'any' ? PLAUSIBLE.test(name) : models.includes(name));
}

/** The dated name an answer carries for the name that was asked. */
export function snapshotOf(name: string): string {
  return BY_NAME.get(name)?.snapshot ?? name;
}

/** The length of this model's embeddings; 1536 for one that is not in the list. */
export function dimensionsOf(name: string): number {
  return BY_NAME.get(name)?.dimensions ?? 1536;
}

function modelObject(id: string, created: Created): object {
  return { id, object: 'model', created, owned_by: 'system', shutdown_date: null };
}

/** `GET /v1/models`: the built-in names, then the scenario's own. */
export function listModels({ settings, nowUs }: Moment): Content {
  const own = settings.models === 'any' ? [] : settings.models.filter((name) => !BY_NAME.has(name));
  const data = [
    ...[...BY_NAME].map(([name, model]) => modelObject(name, model.created)),
    ...own.map((name) => modelObject(name, Math.floor(nowUs / 1e6))),
  ];
  return json({ object: 'list', data });
}

/** `GET /v1/models/{model}`. */
export function oneModel(name: string, { settings, nowUs }: Moment): Content {
  if (!modelExists(name, settings.models)) return unknownModel(name);
  return json(modelObject(name, BY_NAME.get(name)?.created ?? Math.floor(nowUs / 1e6)));
}

function json(body: object): Content {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, bytes: JSON.stringify(body) }],
  };
}
