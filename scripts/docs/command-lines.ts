/** Finds quotalab's command lines in documents, and parses them with the real command line, without running them. */
import { type Command, CommanderError } from 'commander';
import { isCompletion } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/create-program.ts';

/** Words of a shell: quotes are removed, nothing is expanded, a comment ends them. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)) {
    if (word.startsWith('#')) break;
    words.push(word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped));
  }
  return words;
}

const START =
  /(?:^|[|&;(`]|\$ |[-:] |'| sh ')\s*(?:[A-Z_]+=\S+ )*(?:npx )?quotalab ((?:[a-z]|-{1,2}\w|\.|[\w/.-]+\.ya?ml).*)$/;

/**
 * Returns the arguments of quotalab if a line of a document runs it, up to a pipe, a redirection or the end of the command.
 * `…` and names in capitals, which stand for anything, stay as they are.
 */
export function argumentsIn(line: string): string[] | undefined {
  const [, rest] = START.exec(line.trim()) ?? [];
  if (rest === undefined) return undefined;
  const words = splitWords(rest.replace(/'\s*}\s*$/, ''));
  const end = words.findIndex((word) => /^(\||&&?|;|>.*|2>.*)$/.test(word) || word.endsWith(';'));
  const own = end < 0 ? words : words.slice(0, words[end]!.endsWith(';') && words[end] !== ';' ? end + 1 : end);
  return own.map((word) => word.replace(/[;)]$/, ''));
}

/** Lines of a shell block, those that end in a backslash joined with the next. */
export const shellLines = (text: string): string[] => text.replace(/\\\n\s*/g, ' ').split('\n');

/** Returns what the command line says against these arguments; undefined if it takes them. Nothing is run. */
export async function problemWith(shown: readonly string[]): Promise<string | undefined> {
  // The command of completion is there only when it is asked for.
  if (isCompletion(shown)) return undefined;
  const program = createProgram();
  const silence = (command: Command): void => {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    for (const one of command.commands) silence(one);
  };
  silence(program);
  const given = process.argv;
  // The name of a subcommand may stand for any of them.
  const words = shown.map((word) => (word === 'FORMAT' ? 'har' : word));
  process.argv = [...given.slice(0, 2), ...words];
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    return isHelp ? undefined : (error as Error).message;
  } finally {
    process.argv = given;
  }
}
