import type { Frame } from '../reply.ts';
import type { Body } from './body.ts';
import type { DialectReader } from './reader.ts';

/** Counts the characters of answer text in the frames of a stream. */
export function streamedChars(frames: readonly Frame[], { answerText }: DialectReader): number {
  const lines = frames.flatMap(({ text }) => text.split(/\r?\n/));
  return lines.reduce((sum, line) => {
    // An event, or a piece of a JSON array.
    const [, json] = /^(?:data: |\[|,)?(\{.*\})\]?$/s.exec(line) ?? [];
    return json === undefined ? sum : sum + answerText(JSON.parse(json) as Body).length;
  }, 0);
}
