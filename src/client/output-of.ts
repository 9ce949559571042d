/** What a journal keeps of what a client's call resolved to: its size, never the text. */
export interface Output {
  /** Characters of a text, items of a list. */
  readonly outputSize?: number;
  /** The client says that it answered from somewhere else: a cache, another model. */
  readonly fallback?: true;
}

/**
 * Reads the size of a result: a text, a list, or one of the shapes in which SDKs give texts and embeddings. Empty for what
 * it does not know: a call may resolve to anything.
 */
export function outputOf(value: unknown): Output {
  try {
    const fallback = isObject(value) && value.fallback === true;
    const outputSize = sizeOf(value);
    return { ...(outputSize !== undefined && { outputSize }), ...(fallback && { fallback }) };
  } catch {
    // A getter of the client's own may throw; that is no failure of the call.
    return {};
  }
}

/** Where results have their text or their list, the most telling first. */
const PLACES = [
  'output_text',
  'text',
  'content',
  'output',
  'message',
  'choices',
  'candidates',
  'parts',
  'data',
  'embeddings',
];

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return sizeOfList(value);
  if (!isObject(value)) return undefined;
  for (const place of PLACES) {
    const size = sizeOf(value[place]);
    if (size !== undefined) return size;
  }
  return undefined;
}

/** The characters of all texts in a list; of a list without any, its items. */
function sizeOfList(items: readonly unknown[]): number {
  const texts = items.map((item) => (isObject(item) || typeof item === 'string' ? sizeOf(item) : undefined));
  const known = texts.filter((size) => size !== undefined);
  return known.length > 0 && !items.some(isVector) ? known.reduce((sum, size) => sum + size, 0) : items.length;
}

/** A list of numbers, or one inside an embedding's object, counts as one item. */
function isVector(item: unknown): boolean {
  return Array.isArray(item) || (isObject(item) && 'embedding' in item);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
