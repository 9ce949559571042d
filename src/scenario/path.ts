/** Keys and indices from the root of a document. */
export type Path = readonly (string | number)[];

/** Formats a path: `load[0].duration`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** Parses text such as `load[0].duration`; brackets and dots that make no sense are passed over. */
export function parsePath(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? key! : Number(index),
  );
}

/** Parses text such as `load[0].duration`. Returns undefined if it is not a path: `load[0]duration`, `load..duration`. */
export function parseExactPath(text: string): Path | undefined {
  return /^[^.[\]]+(\.[^.[\]]+|\[\d{1,6}\])*$/.test(text) ? parsePath(text) : undefined;
}

/** Returns the value at a path, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined,
    root,
  );
}

/** Returns whether a path is another one or lies below it. */
export function isWithin(path: Path, parent: Path): boolean {
  return parent.length <= path.length && parent.every((step, depth) => step === path[depth]);
}
