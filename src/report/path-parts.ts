/** The last part of a path. */
export function basename(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? '';
}

/** A path without its last part. */
export function dirname(path: string): string {
  return path.split(/[\\/]/).slice(0, -1).join('/');
}
