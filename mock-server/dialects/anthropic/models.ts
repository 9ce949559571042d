import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { errorResponse } from './errors.ts';

/** Public models as `GET /v1/models` lists them; the dates of 2026 are not confirmed. */
const MODELS = [
  { id: 'claude-sonnet-5-5', display_name: 'Claude Sonnet 5.5', created_at: '2026-10-01T00:00:00Z' },
  { id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5', created_at: '2026-09-01T00:00:00Z' },
  { id: 'claude-haiku-5-5', display_name: 'Claude Haiku 5.5', created_at: '2026-09-01T00:00:00Z' },
  { id: 'claude-opus-4-5-20251101', display_name: 'Claude Opus 4.5', created_at: '2025-11-24T00:00:00Z' },
  { id: 'claude-haiku-4-5-20251001', display_name: 'Claude Haiku 4.5', created_at: '2025-10-15T00:00:00Z' },
  { id: 'claude-sonnet-4-5-20250929', display_name: 'Claude Sonnet 4.5', created_at: '2025-09-29T00:00:00Z' },
  { id: 'claude-opus-4-1-20250805', display_name: 'Claude Opus 4.1', created_at: '2025-08-05T00:00:00Z' },
  { id: 'claude-sonnet-4-20250514', display_name: 'Claude Sonnet 4', created_at: '2025-05-22T00:00:00Z' },
  { id: 'claude-3-7-sonnet-20250219', display_name: 'Claude Sonnet 3.7', created_at: '2025-02-24T00:00:00Z' },
  { id: 'claude-3-5-haiku-20241022', display_name: 'Claude Haiku 3.5', created_at: '2024-10-22T00:00:00Z' },
].map((model) => ({ type: 'model', ...model }));

/** Matches all names of the provider's families, so that new models need no entry here. */
const MODEL_NAME = /^claude-[\w.-]{1,100}$/;

export function modelExists(name: string, models: 'any' | readonly string[]): boolean {
  return MODEL_NAME.test(name) || (models === 'any' ? /^[\w.:/@-]{1,256}$/.test(name) : models.includes(name));
}

export function modelsResponse(): ResponseDraft {
  const body = { data: MODELS, has_more: false, first_id: MODELS[0]!.id, last_id: MODELS.at(-1)!.id };
  return { status: 200, ...jsonAt(0, body) };
}

export function modelResponse(id: string, { settings, requestId }: RequestContext): ResponseDraft {
  if (!modelExists(id, settings.models)) return errorResponse(404, `model: ${id}`, requestId);
  const known = MODELS.find((model) => model.id === id);
  return {
    status: 200,
    ...jsonAt(0, known ?? { type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' }),
  };
}
