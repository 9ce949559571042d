import { QuotaLabError } from '../../mock-server/error.ts';

/** The codes of files that cannot be written, by what is in them. */
export type WriteErrorCode = 'journal/not-writable' | 'report/not-writable' | 'export/not-writable';

const CODES: readonly string[] = [
  'journal/not-writable',
  'report/not-writable',
  'export/not-writable',
] satisfies WriteErrorCode[];

/** Creates the error of a file that cannot be written: the disk is full, the folder is gone, access is denied. */
export function writeError(code: WriteErrorCode, file: string, cause: unknown): QuotaLabError {
  return new QuotaLabError(code, `cannot write ${file}: ${reason(cause)}`, { cause });
}

/** Returns an error of the system without the name of its call and of the file, which may be a temporary one. */
function reason(cause: unknown): string {
  return (cause as Error).message.replace(/, \w+( '.*')?$/s, '');
}

/** Returns whether a file could not be written: no fault of the scenario or the client. */
export function isWriteError(error: unknown): boolean {
  return error instanceof QuotaLabError && CODES.includes(error.code);
}
