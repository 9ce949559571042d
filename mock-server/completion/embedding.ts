import { randomFor } from '../random.ts';

/** Places of a vector that one word moves. */
const SPREAD = 24;

/** How much a word's own letters count beside the word: so that `limit` and `limits` are not strangers. */
const LETTERS_WEIGHT = 0.35;

/**
 * A unit vector that depends on nothing but the text: equal texts have equal vectors on every machine, and texts that share
 * words are near each other (feature hashing of words and letter 3-grams, each word weighted by the root of its count).
 */
export function embeddingOf(text: string, dimensions: number): Float32Array {
  const vector = new Float64Array(dimensions);
  for (const [word, count] of countWords(text)) {
    addFeature(vector, `w ${word}`, Math.sqrt(count));
    for (const letters of trigrams(word)) addFeature(vector, `l ${letters}`, LETTERS_WEIGHT * Math.sqrt(count));
  }
  const length = Math.hypot(...vector);
  // A text without a word still has a direction.
  if (length === 0) return embeddingOf('nothing', dimensions);
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
  for (let place = 0; place < SPREAD; place++) {
    const index = Math.floor(random() * vector.length);
    vector[index]! += random() < 0.5 ? -weight : weight;
  }
}
