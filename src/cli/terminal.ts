/** Width in columns for a stream that reports none, such as a pipe. */
const DEFAULT_WIDTH = 80;

/** What `--color` or `--no-color` asks for; undefined without either. */
let chosenColor: boolean | undefined;

/** Sets the colours of all streams, as the flags ask for it. */
export function chooseColor(color: boolean | undefined): void {
  chosenColor = color;
}

/**
 * Returns whether to use colours on a stream, and its width in columns. Colours: `--color` and `--no-color`, then NO_COLOR,
 * then FORCE_COLOR, otherwise in a terminal only (no-color.org, force-color.org).
 */
export function terminal(stream: NodeJS.WriteStream): { readonly color: boolean; readonly width: number } {
  return { color: chosenColor ?? colorOf(process.env, stream.isTTY === true), width: stream.columns || DEFAULT_WIDTH };
}

/** Returns whether an environment asks for colours; `isTTY` decides if it says nothing. */
export function colorOf({ NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv, isTTY: boolean): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY;
}
