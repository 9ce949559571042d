import type { Read, RecordingReader } from './entry.ts';

/** A reader of text that is read line by line; blank lines are nothing. `read` gets the line and its 1-based number. */
export function lineReader(
  read: (line: string, place: string) => readonly Read[],
  atEnd: () => readonly Read[] = () => [],
): RecordingReader {
  const parts: string[] = [];
  let number = 0;
  const take = (line: string): readonly Read[] => {
    number++;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    return text.trim() === '' ? [] : read(number === 1 ? text.replace(/^\uFEFF/, '') : text, `line ${number}`);
  };
  return {
    push(text) {
      const [first, ...rest] = text.split('\n');
      parts.push(first!);
      if (rest.length === 0) return [];
      const whole = [parts.join(''), ...rest.slice(0, -1)];
      parts.length = 0;
      parts.push(rest.at(-1)!);
      return whole.flatMap(take);
    },
    end() {
      const last = parts.join('');
      parts.length = 0;
      return [...(last === '' ? [] : take(last)), ...atEnd()];
    },
  };
}

/** The JSON value of a line, or undefined. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
