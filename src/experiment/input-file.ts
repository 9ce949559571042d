import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../../mock-server/error.ts';

/** Converts a path, a URL or the text of a URL to a path; a relative one starts at `folder`, if given. */
export function toPath(file: string | URL, folder?: string): string {
  if (file instanceof URL || file.startsWith('file:')) return fileURLToPath(file);
  return folder === undefined || isAbsolute(file) ? file : resolve(folder, file);
}

/** Returns the problems of a path or URL of a file. */
export function fileProblems(path: string, file: unknown, hint: string): Problem[] {
  if (file === undefined) return [{ path, message: 'is required: the path or URL of a file', hint }];
  if (file instanceof URL || typeof file === 'string') {
    const { protocol } = file instanceof URL ? file : new URL(file, 'file:///');
    return protocol === 'file:' ? [] : [{ path, message: `must be a file, not ${protocol}//…`, hint }];
  }
  return [{ path, message: `must be the path or URL of a file, not ${typeof file}`, hint }];
}
