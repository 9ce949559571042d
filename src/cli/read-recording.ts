import { hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { createRecording, type Recording, type RecordingOptions } from '../recorded/recording.ts';
import { version } from './package-root.ts';

/**
 * Reads a recording from a file, or standard input for `-`, piece by piece: memory grows with its requests, not with their
 * bodies. Throws `recording/not-found` and what `createRecording` does, with the file's name.
 */
export async function readRecording(
  file: string,
  options: Omit<RecordingOptions, 'tool' | 'file' | 'hash'>,
): Promise<Recording> {
  const salt = randomBytes(16).toString('hex');
  const parser = createRecording({
    ...options,
    tool: `quotalab ${version()}`,
    file: file === '-' ? 'standard input' : basename(file),
    hash: (text) => hash('sha256', `${salt}\0${text}`, 'hex').slice(0, 16),
  });
  try {
    for await (const piece of textOf(file)) parser.push(piece);
    return parser.end();
  } catch (error) {
    throw error instanceof QuotaLabError ? inFile(error, file) : error;
  }
}

async function* textOf(file: string): AsyncIterable<string> {
  const source = file === '-' ? process.stdin.setEncoding('utf8') : createReadStream(file, { encoding: 'utf8' });
  try {
    for await (const piece of source) yield piece as string;
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw new QuotaLabError('recording/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** The same error, with every problem placed in its file. */
function inFile({ code, message, problems, cause }: QuotaLabError, file: string): QuotaLabError {
  const placed = problems.map((problem) => (problem.path.startsWith('--') ? problem : { ...problem, file }));
  return new QuotaLabError(code, message, { problems: placed, cause });
}
