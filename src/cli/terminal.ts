/** Width in columns for a stream that reports none, such as a pipe. */
const DEFAULT_WIDTH = 100;

/** Returns whether to use colours on a stream, and its width in columns. */
export function terminal(stream: NodeJS.WriteStream): { readonly color: boolean; readonly width: number } {
  return { color: stream.isTTY === true && !process.env.NO_COLOR, width: stream.columns ?? DEFAULT_WIDTH };
}
