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
