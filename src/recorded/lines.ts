import type { ParsedEntry, RecordingReader } from './entry.ts';

/** Creates a reader that passes each line that is not blank, and its position (`line 12`), to `read`. */
export function createLineReader(
  read: (line: string, place: string) => readonly ParsedEntry[],
  atEnd: () => readonly ParsedEntry[] = () => [],
): RecordingReader {
  const parts: string[] = [];
  let number = 0;
  const readLine = (line: string): readonly ParsedEntry[] => {
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
      return whole.flatMap(readLine);
    },
    end() {
      const last = parts.join('');
      parts.length = 0;
      return [...(last === '' ? [] : readLine(last)), ...atEnd()];
    },
  };
}
