import { MAX_JOB_LENGTH } from '../../mock-server/provider-view.ts';

/** The journal's record of a call's result: its size, never its text. */
export interface Output {
  /** Characters of a text, items of a list. */
  readonly outputSize?: number;
  /** The client reports a reply from another source: a cache, another model. */
  readonly fallback?: true;
  /** The job that the client says the call belongs to. */
  readonly job?: string;
}

/**
 * Returns the size of a result: a text, a list, or an SDK's result with texts or embeddings. Empty for an unknown shape: a
 * call may resolve to anything.
 */
export function measureOutput(value: unknown): Output {
  try {
    const fallback = isObject(value) && value.fallback === true;
    const outputSize = sizeOf(value);
    return { ...(outputSize !== undefined && { outputSize }), ...(fallback && { fallback }), ...readJob(value) };
  } catch {
    // A getter of the result threw; the call itself succeeded.
    return {};
  }
}

/** Returns the `job` of a result or of an error: a text of up to 100 characters. A getter that throws has none. */
export function readJob(value: unknown): Pick<Output, 'job'> {
  try {
    const { job } = (value ?? {}) as { readonly job?: unknown };
    return typeof job === 'string' && job !== '' ? { job: job.slice(0, MAX_JOB_LENGTH) } : {};
  } catch {
    return {};
  }
}

/** Keys of the text or list in a result, in order of priority. */
const OUTPUT_KEYS = [
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
  if (Array.isArray(value)) return listSize(value);
  if (!isObject(value)) return undefined;
  for (const place of OUTPUT_KEYS) {
    const size = sizeOf(value[place]);
    if (size !== undefined) return size;
  }
  return undefined;
}

/** Characters of all texts in a list, or its number of items if it contains no text. */
function listSize(items: readonly unknown[]): number {
  const texts = items.map((item) => (isObject(item) || typeof item === 'string' ? sizeOf(item) : undefined));
  const known = texts.filter((size) => size !== undefined);
  return known.length > 0 && !items.some(isVector) ? known.reduce((sum, size) => sum + size, 0) : items.length;
}

/** A list of numbers, or an object with an embedding, counts as one item. */
function isVector(item: unknown): boolean {
  return Array.isArray(item) || (isObject(item) && 'embedding' in item);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
