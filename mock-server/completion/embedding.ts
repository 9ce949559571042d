import { randomFor } from '../random.ts';

/** Number of components that one feature changes. */
const COMPONENTS_PER_FEATURE = 24;

/** Weight of letter 3-grams relative to words, so that `limit` and `limits` are similar. */
const LETTERS_WEIGHT = 0.35;

/**
 * Returns a unit vector that depends only on the text: equal texts have equal vectors on every machine, and texts that share
 * words are similar (feature hashing of words and letter 3-grams, each word weighted by the square root of its count).
 */
export function createEmbedding(text: string, dimensions: number): Float32Array {
  const vector = new Float64Array(dimensions);
  for (const [word, count] of countWords(text)) {
    addFeature(vector, `w ${word}`, Math.sqrt(count));
    for (const letters of trigrams(word)) addFeature(vector, `l ${letters}`, LETTERS_WEIGHT * Math.sqrt(count));
  }
  const length = Math.hypot(...vector);
  // A zero vector cannot be normalized.
  if (length === 0) return createEmbedding('nothing', dimensions);
  return Float32Array.from(vector, (value) => value / length);
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function trigrams(word: string): string[] {
  const framed = `^${word}$`;
  return Array.from({ length: Math.max(1, framed.length - 2) }, (_, at) => framed.slice(at, at + 3));
}

function addFeature(vector: Float64Array, feature: string, weight: number): void {
  const random = randomFor(0, feature);
  for (let component = 0; component < COMPONENTS_PER_FEATURE; component++) {
    const index = Math.floor(random() * vector.length);
    vector[index]! += random() < 0.5 ? -weight : weight;
  }
}
