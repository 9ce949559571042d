/** One message, whichever way its dialect writes it. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** On a tool's result: the call that it answers. */
  readonly toolCallId?: string;
}

/** A function that the model may call, and the JSON schema of its arguments. */
export interface Tool {
  readonly name: string;
  readonly schema: unknown;
}

/** What a model is asked, whatever dialect it was asked in. */
export interface Ask {
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

/** An ask that names nothing but its messages. */
export function plainAsk(model: string, turns: readonly Turn[]): Ask {
  return { model, turns, tools: [], toolChoice: 'auto', parallelTools: true, stop: [] };
}

/** The text of all messages; not JSON punctuation, which no estimate counts (`wire.md` 1.7). */
export function turnsText(turns: readonly Turn[]): string {
  return turns.length === 1 ? turns[0]!.text : turns.map(({ text }) => text).join('');
}

/** The last thing that the user said. */
export function lastUserText(turns: readonly Turn[]): string {
  return turns.findLast(({ role }) => role === 'user')?.text ?? '';
}

/** All texts within a value, keys of objects included, as one: what a tool's description costs. */
export function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textIn).join('');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, inner]) => key + textIn(inner))
    .join('');
}
