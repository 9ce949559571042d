/** One message of a conversation, independent of the dialect. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** For a tool result: the id of the tool call. */
  readonly toolCallId?: string;
}

/** A function that the model may call, and the JSON schema of its arguments. */
export interface Tool {
  readonly name: string;
  readonly schema: unknown;
}

/** A completion request, independent of the dialect. */
export interface CompletionRequest {
  readonly model: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly parallelTools: boolean;
  /** The JSON schema that the answer must satisfy; `{ type: 'object' }` for any object. */
  readonly schema?: unknown;
  readonly stop: readonly string[];
  readonly maxTokens?: number;
}

/** Creates a request with default options. */
export function plainCompletionRequest(model: string, turns: readonly Turn[]): CompletionRequest {
  return { model, turns, tools: [], toolChoice: 'auto', parallelTools: true, stop: [] };
}

/** Returns the text of all messages, without JSON punctuation, which estimates do not count (`wire.md` 1.7). */
export function turnsText(turns: readonly Turn[]): string {
  return turns.length === 1 ? turns[0]!.text : turns.map(({ text }) => text).join('');
}

/** Returns the text of the last user message. */
export function lastUserText(turns: readonly Turn[]): string {
  return turns.findLast(({ role }) => role === 'user')?.text ?? '';
}

/** Joins all strings within a value, including object keys; used to count the tokens of tool definitions. */
export function collectText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(collectText).join('');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, inner]) => key + collectText(inner))
    .join('');
}
