import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';

/** No file that a person writes is larger. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a file of text, without its byte order mark. Throws an `Error` whose message completes "cannot read FILE: …": what the
 * system says, or that it is a folder, a device, too large, or not text in UTF-8.
 */
export function readTextFile(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new Error('it is a folder');
    if (stat.isCharacterDevice()) throw new Error('it is a device');
    if (stat.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    return decodeText(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Returns what is at a path; undefined if there is nothing, or nothing that can be reached (a loop of links, no permission). */
export function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error('it is text in UTF-16; save it as UTF-8');
  }
  if (bytes.includes(0)) throw new Error('it is a binary file');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not text in UTF-8');
  }
}
