import type { ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';

/** Public model names with their input and output token limits. */
const MODELS = [
  modelObject('gemini-3.8-flash', 1_048_576, 65_536),
  modelObject('gemini-2.5-pro', 1_048_576, 65_536),
  modelObject('gemini-2.5-flash', 1_048_576, 65_536),
  modelObject('gemini-2.5-flash-lite', 1_048_576, 65_536),
  modelObject('gemini-2.0-flash', 1_048_576, 8192),
  modelObject('gemini-embedding-001', 2048, 1),
];

function modelObject(id: string, inputTokenLimit: number, outputTokenLimit: number) {
  const embeds = id.includes('embedding');
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit,
    outputTokenLimit,
    supportedGenerationMethods: embeds
      ? ['embedContent', 'countTokens']
      : ['generateContent', 'countTokens', 'streamGenerateContent'],
  };
}

/** Matches all names of the provider's families, so that new models need no entry here. */
const MODEL_NAME = /^(gemini|gemma|text-embedding)-[\w.-]{1,100}$/;

export function modelExists(name: string, models: 'any' | readonly string[]): boolean {
  return MODEL_NAME.test(name) || (models === 'any' ? /^[\w.@-]{1,256}$/.test(name) : models.includes(name));
}

export function modelsResponse(): ResponseDraft {
  return { status: 200, ...jsonAt(0, { models: MODELS }) };
}

export function modelResponse(id: string): ResponseDraft {
  const known = MODELS.find(({ name }) => name === `models/${id}`);
  return { status: 200, ...jsonAt(0, known ?? modelObject(id, 1_048_576, 8192)) };
}
