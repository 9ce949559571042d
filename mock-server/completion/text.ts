import { type Random, randomFor } from '../random.ts';
import type { TokenCounter } from './tokens.ts';

/** Short common words: each is one token with its leading space in the tokenizers of the day. */
const WORDS = (
  'time year people way day man thing woman life child world school state family student group country problem hand ' +
  'part place case week company system program question work number night point home water room mother area money ' +
  'story fact month lot right study book eye job word business issue side kind head house service friend father power ' +
  'hour game line end member law car city name team minute idea body back parent face level office door health person'
).split(' ');

/** An answer's text, which is cut at its maximum, and its tokens. */
export interface AnswerText {
  readonly text: string;
  readonly tokens: number;
  /** The text of one token; joined they give the text. */
  piece(token: number): string;
  readonly finishReason: 'stop' | 'length';
  /** The word that ended it, where one of those did that the request gave. */
  readonly stoppedBy?: string;
}

/** A text in given pieces, `maxTokens` at most. */
export function textOfPieces(whole: readonly string[], maxTokens: number): AnswerText {
  const pieces = whole.slice(0, maxTokens);
  const finishReason = whole.length > maxTokens ? 'length' : 'stop';
  return { text: pieces.join(''), tokens: pieces.length, piece: (token) => pieces[token] ?? '', finishReason };
}

/** The text before the first of `stop`, if one of them is in it. */
export function cutAtStop(answer: AnswerText, stop: readonly string[], split: TokenCounter['split']): AnswerText {
  let end = answer.text.length;
  let stoppedBy: string | undefined;
  for (const word of stop) {
    const place = answer.text.indexOf(word);
    if (place < 0 || place >= end) continue;
    end = place;
    stoppedBy = word;
  }
  if (stoppedBy === undefined) return answer;
  return { ...textOfPieces(split(answer.text.slice(0, end)), Infinity), stoppedBy };
}

/** Words in one fixed disorder, long enough that answers which start at random places differ. */
const SCROLL = scroll(16_384);

interface Scroll {
  readonly words: readonly string[];
  readonly text: string;
  /** Where each word starts in `text`, its leading space included; one more for the end. */
  readonly starts: readonly number[];
}

function scroll(length: number): Scroll {
  const random = randomFor(0, 'scroll');
  const list = Array.from({ length }, () => ' ' + WORDS[Math.floor(random() * WORDS.length)]!);
  const starts = [0];
  for (const word of list) starts.push(starts.at(-1)! + word.length);
  return { words: list, text: list.join(''), starts };
}

/**
 * `wanted` tokens of seeded lorem, `maxTokens` at most: a piece of the scroll from a random word on. No word is drawn or
 * joined anew, since every request pays for it.
 */
export function lorem(wanted: number, maxTokens: number, random: Random): AnswerText {
  const tokens = Math.min(wanted, maxTokens);
  const { words: list, text, starts } = SCROLL;
  const room = Math.max(1, list.length - tokens);
  const first = Math.floor(random() * room);
  const last = Math.min(list.length, first + tokens);
  return {
    text: capital(text.slice(starts[first], starts[last])),
    tokens: last - first,
    piece: (token) => (token === 0 ? capital(list[first]!) : list[first + token]!),
    finishReason: wanted > tokens ? 'length' : 'stop',
  };
}

/** Without the leading space, and with a capital letter. */
function capital(text: string): string {
  return text.slice(1, 2).toUpperCase() + text.slice(2);
}
