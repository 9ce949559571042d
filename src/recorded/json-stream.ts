import { JSONParser } from '@streamparser/json';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Read, RecordingReader } from './entry.ts';

/**
 * A reader of one JSON document that may be larger than memory: each value at one of the paths (`$.log.entries.*`) is given
 * to `read` and then forgotten. Throws `recording/damaged` for what is no JSON, or ends too early.
 */
export function jsonReader(
  paths: readonly string[],
  unit: string,
  read: (value: unknown, place: string) => readonly Read[],
  atEnd: () => readonly Read[] = () => [],
): RecordingReader {
  const parser = new JSONParser({ paths: [...paths], keepStack: false });
  let found: Read[] = [];
  let number = 0;
  let broken: string | undefined;
  parser.onValue = ({ value }) => {
    number++;
    found.push(...read(value, `${unit} ${number}`));
  };
  parser.onError = (error) => {
    broken ??= error.message;
  };
  const taken = (): Read[] => {
    const all = found;
    found = [];
    return all;
  };
  const check = (): void => {
    if (broken !== undefined) throw damaged(number, unit, broken);
  };
  return {
    push(text) {
      // What stands before the document, and after it, is nothing to the parser's liking.
      const piece = number === 0 ? text.replace(/^\uFEFF/, '') : text;
      if (parser.isEnded) {
        if (piece.trim() !== '') throw damaged(number, unit, 'something follows the end of the document');
        return [];
      }
      guarded(() => parser.write(piece), number, unit);
      check();
      return taken();
    },
    end() {
      if (!parser.isEnded) throw damaged(number, unit, 'it ends in the middle');
      return [...taken(), ...atEnd()];
    },
  };
}

function guarded(write: () => void, number: number, unit: string): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw damaged(number, unit, (cause as Error).message);
  }
}

function damaged(number: number, unit: string, why: string): QuotaLabError {
  const counted = { entry: 'entries', record: 'records', batch: 'batches' }[unit] ?? `${unit}s`;
  const message = `it is no whole JSON document: ${why.replace(/\.$/, '').slice(0, 160)}`;
  const problems = [
    { path: '', message: `${message}; ${number === 1 ? `1 ${unit} was` : `${number} ${counted} were`} whole before` },
  ];
  return new QuotaLabError('recording/damaged', 'the recording is cut off or damaged', { problems });
}
