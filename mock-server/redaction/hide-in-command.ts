import { hideNamed } from './hide-named.ts';
import { secrecyOf } from './secret-names.ts';
import { HIDDEN, hideShapes, looksRandom } from './secret-shapes.ts';

/** Words of a script, with what stands between them. */
const PARTS = /"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+|\s+|["']/g;

/** A password without a space: `mysql -pSECRET`. */
const PASSWORD_FLAG = /^-p(?=.)(?!\d+(?::\d+)?$)(?![a-z]{1,2}$)/;
/** Long flags with one dash that are no password. */
const LONG_FLAGS =
  /^-p(?:ackages?|arallel|arams?|assword|ass|ath|edantic|id|ipe|kg|latform|lugins?|olicy|ort|refix|reset|retty|rint|rocess|rofile|rogress|roject|rompt|rotocol|rovider|roxy|thread|ublish|wd|ython)(?:=|$)/;

/** Programs that take a password after a flag of one letter. */
const PASSWORD_FLAGS: Readonly<Record<string, string>> = { 'redis-cli': '-a', sshpass: '-p' };
const USER_FLAGS = new Set(['-u', '--user', '--userpwd', '--proxy-user', '-U']);

/** Returns the words of a command line without secrets; a script in one of them (`sh -c`) is read as a command line, too. */
export function hideInCommand(words: readonly string[]): string[] {
  const program = words[0]?.split('/').at(-1) ?? '';
  return words.map((word, index) => hideWord(word, words[index - 1] ?? '', program));
}

/** Returns the secrets that `hideInCommand` hides, to recognise them elsewhere. */
export function secretsInCommand(words: readonly string[]): string[] {
  return hideInCommand(words).flatMap((shown, index) => hiddenParts(words[index]!, shown));
}

function hideWord(word: string, before: string, program: string): string {
  if (/\s/.test(word)) return hideInScript(word);
  const value = before.startsWith('-') && !before.includes('=') && !word.startsWith('-') ? secrecyOf(before) : 'never';
  if (value === 'always' || value === 'whole-line' || (value === 'if-random' && looksRandom(word))) return HIDDEN;
  if (PASSWORD_FLAGS[program] === before) return HIDDEN;
  if (USER_FLAGS.has(before) && /:\D/.test(word)) return `${word.slice(0, word.indexOf(':'))}:${HIDDEN}`;
  if (PASSWORD_FLAG.test(word) && !LONG_FLAGS.test(word)) return `-p${HIDDEN}`;
  return hideNamed(hideShapes(word), 'command');
}

/** A header (`authorization: Bearer …`) is hidden as a whole; what is left are words of a command line. */
function hideInScript(script: string): string {
  const parts = hideNamed(hideShapes(script), 'command').match(PARTS) ?? [];
  const words = parts.filter((part) => part.trim() !== '');
  const [program = ''] = words;
  let index = -1;
  return parts
    .map((part) => {
      if (part.trim() === '') return part;
      index++;
      const quote = /^(["']).*\1$/s.exec(part)?.[1] ?? '';
      const inner = quote === '' ? part : part.slice(1, -1);
      if (/\s/.test(inner)) return part;
      return `${quote}${hideWord(inner, words[index - 1] ?? '', program)}${quote}`;
    })
    .join('');
}

/** What stood in place of each `…`. */
function hiddenParts(word: string, shown: string): string[] {
  const kept = shown.split(HIDDEN);
  const found: string[] = [];
  let at = 0;
  for (const [index, piece] of kept.entries()) {
    const next = index === kept.length - 1 ? word.length - piece.length : word.indexOf(piece, at);
    if (index > 0) found.push(word.slice(at, piece === '' && index < kept.length - 1 ? undefined : next));
    at = next + piece.length;
  }
  return found.map((part) => part.trim());
}
