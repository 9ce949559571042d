import type { Random } from '../random.ts';
import type { Answer } from '../settings.ts';

/** Short common words: each is one token with its leading space in the tokenizers of the day. */
const WORDS = (
  'time year people way day man thing woman life child world school state family student group country problem hand ' +
  'part place case week company system program question work number night point home water room mother area money ' +
  'story fact month lot right study book eye job word business issue side kind head house service friend father power ' +
  'hour game line end member law car city name team minute idea body back parent face level office door health person'
).split(' ');

/** The pieces of an answer, a token each, and whether it was cut at the maximum. */
export interface AnswerText {
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
}

/** Makes an answer of `tokens` tokens at most `maxTokens`; echo and fixed texts are cut into words. */
export function answerText(
  answer: Answer,
  prompt: string,
  tokens: number,
  maxTokens: number,
  random: Random,
): AnswerText {
  const whole = answer === 'lorem' ? lorem(Math.min(tokens, maxTokens), random) : words(textOf(answer, prompt));
  const wanted = answer === 'lorem' ? tokens : whole.length;
  return { pieces: whole.slice(0, maxTokens), finishReason: wanted > maxTokens ? 'length' : 'stop' };
}

function textOf(answer: Exclude<Answer, 'lorem'>, prompt: string): string {
  return answer === 'echo' ? prompt : answer.fixed;
}

function lorem(count: number, random: Random): string[] {
  const pieces: string[] = [];
  for (let n = 0; n < count; n++) {
    const word = WORDS[Math.floor(random() * WORDS.length)]!;
    pieces.push(n === 0 ? word[0]!.toUpperCase() + word.slice(1) : ' ' + word);
  }
  return pieces;
}

/** Splits before white space, so that joining the pieces gives the text back. */
function words(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}
