import type { Scenario } from '../../scenario/scenario.ts';

/** `gen_ai.provider.name` (OpenTelemetry semantic conventions, gen-ai attributes). */
export const PROVIDER_NAMES: Readonly<Record<Scenario['provider']['dialect'], string>> = {
  openai: 'openai',
  azure: 'azure.ai.openai',
  anthropic: 'anthropic',
  gemini: 'gcp.gemini',
};

const OPERATIONS: Readonly<Record<string, string>> = {
  generateContent: 'generate_content',
  streamGenerateContent: 'generate_content',
  completions: 'text_completion',
  embeddings: 'embeddings',
  embedContent: 'embeddings',
};

/** Returns `gen_ai.operation.name` of an endpoint. */
export function operationOf(endpoint: string | undefined): string {
  return OPERATIONS[endpoint ?? ''] ?? 'chat';
}
