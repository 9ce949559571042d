/** Columns of text whose stream has no width. */
const DEFAULT_WIDTH = 100;

/** Returns the colours and the width of text on a stream. */
export function terminal(stream: NodeJS.WriteStream): { readonly color: boolean; readonly width: number } {
  return { color: stream.isTTY === true && !process.env.NO_COLOR, width: stream.columns ?? DEFAULT_WIDTH };
}
