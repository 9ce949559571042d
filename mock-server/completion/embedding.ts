import { randomFor } from '../random.ts';

/** A unit vector that depends on nothing but the text: equal texts have equal vectors on every machine. */
export function embeddingOf(text: string, dimensions: number): Float32Array {
  const random = randomFor(0, text);
  const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
