import { hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { toolName } from '../experiment/package-root.ts';
import { readTextChunks } from '../files/byte-source.ts';
import { createRecordingParser, type Recording, type RecordingOptions } from '../recorded/recording.ts';

/**
 * Reads a recording, also compressed by gzip or Zstandard, from a file, or from standard input for `-`, in chunks: memory grows with the number of requests, not
 * with their bodies. Throws `recording/not-found`, and the errors of `createRecordingParser` with the file name added.
 */
export async function readRecording(
  file: string,
  options: Omit<RecordingOptions, 'tool' | 'file' | 'hash'>,
): Promise<Recording> {
  const salt = randomBytes(16).toString('hex');
  const parser = createRecordingParser({
    ...options,
    tool: toolName(),
    file: file === '-' ? 'standard input' : basename(file),
    hash: (text) => hash('sha256', `${salt}\0${text}`, 'hex').slice(0, 16),
  });
  try {
    for await (const chunk of readChunks(file)) parser.push(chunk);
    return parser.end();
  } catch (error) {
    throw error instanceof QuotaLabError ? addFile(error, file) : error;
  }
}

async function* readChunks(file: string): AsyncIterable<string> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* readTextChunks(source as AsyncIterable<Buffer>);
  } catch (cause) {
    if (cause instanceof QuotaLabError) throw cause;
    throw new QuotaLabError('recording/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Returns the same error with the file added to every problem. */
function addFile({ code, message, problems, cause }: QuotaLabError, file: string): QuotaLabError {
  const withFile = problems.map((problem) => (problem.path.startsWith('--') ? problem : { ...problem, file }));
  return new QuotaLabError(code, message, { problems: withFile, cause });
}
