import { JSONParser } from '@streamparser/json';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { ParsedEntry, RecordingReader } from './entry.ts';

/**
 * Creates a reader of one JSON document that may be larger than memory: each value at one of the `paths`
 * (`$.log.entries.*`) is passed to `read` and not kept. `unit` names such a value in messages (`entry 3`). Throws
 * `recording/damaged` if the text is not valid JSON or is incomplete.
 */
export function createJsonReader(
  paths: readonly string[],
  unit: string,
  read: (value: unknown, place: string) => readonly ParsedEntry[],
  atEnd: () => readonly ParsedEntry[] = () => [],
): RecordingReader {
  const parser = new JSONParser({ paths: [...paths], keepStack: false });
  let found: ParsedEntry[] = [];
  let number = 0;
  let parseError: string | undefined;
  parser.onValue = ({ value }) => {
    number++;
    for (const entry of read(value, `${unit} ${number}`)) found.push(entry);
  };
  parser.onError = (error) => {
    parseError ??= error.message;
  };
  const takeFound = (): ParsedEntry[] => {
    const taken = found;
    found = [];
    return taken;
  };
  const check = (): void => {
    if (parseError !== undefined) throw damagedError(number, unit, parseError);
  };
  return {
    push(text) {
      // The parser rejects a byte order mark, and any text after the document.
      const piece = number === 0 ? text.replace(/^\uFEFF/, '') : text;
      if (parser.isEnded) {
        if (piece.trim() !== '') throw damagedError(number, unit, 'there is text after the end of the document');
        return [];
      }
      rethrowAsDamaged(() => parser.write(piece), number, unit);
      check();
      return takeFound();
    },
    end() {
      if (!parser.isEnded) throw damagedError(number, unit, 'it is incomplete');
      return [...takeFound(), ...atEnd()];
    },
  };
}

function rethrowAsDamaged(write: () => void, number: number, unit: string): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw damagedError(number, unit, (cause as Error).message);
  }
}

function damagedError(number: number, unit: string, why: string): QuotaLabError {
  const counted = { entry: 'entries', record: 'records', batch: 'batches' }[unit] ?? `${unit}s`;
  const message = `it is not a valid JSON document: ${why.replace(/\.$/, '').slice(0, 160)}`;
  const problems = [
    { path: '', message: `${message}; ${number === 1 ? `1 ${unit}` : `${number} ${counted}`} read before the error` },
  ];
  return new QuotaLabError('recording/damaged', 'the recording is cut off or damaged', { problems });
}
