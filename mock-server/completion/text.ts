import { type Random, randomFor } from '../random.ts';
import type { TokenCounter } from './tokens.ts';

/** Short common words; each, with its leading space, is one token in current tokenizers. */
const WORDS = (
  'time year people way day man thing woman life child world school state family student group country problem hand ' +
  'part place case week company system program question work number night point home water room mother area money ' +
  'story fact month lot right study book eye job word business issue side kind head house service friend father power ' +
  'hour game line end member law car city name team minute idea body back parent face level office door health person'
).split(' ');

/** The text of an answer, cut at its maximum, and its tokens. */
export interface AnswerText {
  readonly text: string;
  readonly tokens: number;
  /** Returns the text of one token; all pieces joined are `text`. */
  piece(token: number): string;
  readonly finishReason: 'stop' | 'length';
  /** The stop sequence that ended the text, if one did. */
  readonly stoppedBy?: string;
}

/** Creates an answer text from pieces, cut at `maxTokens`. */
export function textFromPieces(allPieces: readonly string[], maxTokens: number): AnswerText {
  const pieces = allPieces.slice(0, maxTokens);
  const finishReason = allPieces.length > maxTokens ? 'length' : 'stop';
  return { text: pieces.join(''), tokens: pieces.length, piece: (token) => pieces[token] ?? '', finishReason };
}

/** Cuts an answer before the first occurrence of a stop sequence. */
export function cutAtStop(answer: AnswerText, stop: readonly string[], split: TokenCounter['split']): AnswerText {
  let end = answer.text.length;
  let stoppedBy: string | undefined;
  for (const word of stop) {
    const offset = answer.text.indexOf(word);
    if (offset < 0 || offset >= end) continue;
    end = offset;
    stoppedBy = word;
  }
  if (stoppedBy === undefined) return answer;
  return { ...textFromPieces(split(answer.text.slice(0, end)), Infinity), stoppedBy };
}

/** Words of a fixed random sequence, long enough that answers from random positions differ. */
const SEQUENCE_LENGTH = 16_384;

interface WordSequence {
  readonly text: string;
  /** Offset of each word in `text`, at its leading space; plus the end offset. */
  readonly starts: Uint32Array;
}

let wordSequence: WordSequence | undefined;

/** Creates the sequence when the first answer needs it: many threads and commands never do. */
function words(): WordSequence {
  wordSequence ??= createWordSequence(SEQUENCE_LENGTH);
  return wordSequence;
}

function createWordSequence(length: number): WordSequence {
  const random = randomFor(0, 'scroll');
  const spaced = WORDS.map((word) => ` ${word}`);
  const starts = new Uint32Array(length + 1);
  let text = '';
  for (let index = 0; index < length; index++) {
    text += spaced[Math.floor(random() * spaced.length)]!;
    starts[index + 1] = text.length;
  }
  return { text, starts };
}

/**
 * Returns `count` tokens of seeded lorem, cut at `maxTokens`: a slice of a fixed word sequence from a random position. It
 * avoids drawing and joining words, because it runs for every request.
 */
export function lorem(count: number, maxTokens: number, random: Random): AnswerText {
  const tokens = Math.min(count, maxTokens);
  const { text, starts } = words();
  const room = Math.max(1, SEQUENCE_LENGTH - tokens);
  const first = Math.floor(random() * room);
  const last = Math.min(SEQUENCE_LENGTH, first + tokens);
  const word = (index: number): string => text.slice(starts[index], starts[index + 1]);
  return {
    text: capitalize(text.slice(starts[first], starts[last])),
    tokens: last - first,
    piece: (token) => (token === 0 ? capitalize(word(first)) : word(first + token)),
    finishReason: count > tokens ? 'length' : 'stop',
  };
}

/** Returns the word that stands for a number below the count of words. */
export function wordFor(digit: number): string {
  return WORDS[digit]!;
}

/** The words that `wordFor` knows. */
export const WORD_COUNT = WORDS.length;

/** Returns `count` words of the sequence from a position on, each after a space; it begins again where it ends. */
export function wordsFrom(position: number, count: number): string {
  const { text, starts } = words();
  let made = '';
  let from = position % SEQUENCE_LENGTH;
  for (let left = count; left > 0; from = 0) {
    const last = Math.min(SEQUENCE_LENGTH, from + left);
    made += text.slice(starts[from], starts[last]);
    left -= last - from;
  }
  return made;
}

/** Returns `length` characters of the same words. */
export function charactersFrom(position: number, length: number): string {
  const { text, starts } = words();
  let made = '';
  let from = starts[position % SEQUENCE_LENGTH]!;
  for (let left = length; left > 0; from = 0) {
    const piece = text.slice(from, from + left);
    made += piece;
    left -= piece.length;
  }
  return made;
}

/** Removes the leading space and capitalizes the first letter. */
function capitalize(text: string): string {
  return text.slice(1, 2).toUpperCase() + text.slice(2);
}
