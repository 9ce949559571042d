import { type Result, resultLine } from '../report/terminal/result-line.ts';
import { terminal } from './terminal.ts';

/** The last line of a command, before it is printed. */
export interface LastLine {
  readonly result: Result;
  /** The path that the user opens next. */
  readonly open: string | undefined;
}

/**
 * Prints the last line of a command; if stdout carries JSON, on stderr, and with `quiet` not at all. `open`: the path that the
 * user opens next.
 */
export function printResult(
  result: Result,
  {
    json,
    quiet = false,
    open,
  }: { readonly json: boolean; readonly quiet?: boolean; readonly open?: string | undefined },
): void {
  if (json && quiet) return;
  const stream = json ? process.stderr : process.stdout;
  stream.write(resultLine(result, { ...terminal(stream), open }));
}
