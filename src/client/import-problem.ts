import type { Problem } from '../../mock-server/error.ts';
import { findDecorated } from './typescript-imports.ts';

/** What a message of Node says of an import, and what helps; the first that matches. */
const HINTS: readonly (readonly [pattern: RegExp, hint: (found: string) => string])[] = [
  [/Cannot find package '((?:@[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*)'/, (name) => `npm install ${name}`],
  [
    /Cannot find package '([^']+)'/,
    (name) => `no package is called ${name}: as an alias, put it into "paths" of a tsconfig.json above the file`,
  ],
  [
    /Cannot use import statement outside a module|Unexpected token 'export'/,
    () => 'its ending makes it CommonJS: rename it to .mts or .mjs',
  ],
  [/Unknown file extension "(\.[jt]sx)"/, (ending) => `Node runs no ${ending}: ${COMPILED}`],
  [/SyntaxError \[ERR_(?:UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX\]/, () => COMPILED],
  [/does not provide an export named '(\w+)'/, (name) => `if ${name} is a type, import it with import type`],
];

const COMPILED =
  'compile it and name the JavaScript file, or use client: { command: [npx, tsx, FILE] } (docs/commands.md)';

const BAD_TOKEN = 'SyntaxError: Invalid or unexpected token';

/** Describes why a client could not be imported: Node's message, the place in the user's code, and a hint if one is known. */
export function describeImportProblem(error: unknown): Omit<Problem, 'path'> {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const [head = '', ...frames] = stack.split(/\n\s+at /);
  const said = head.trim();
  const decorated = said === BAD_TOKEN ? findDecorated() : undefined;
  if (decorated !== undefined) {
    return { message: `${said} (in ${decorated})`, hint: `Node runs no decorators: ${COMPILED}` };
  }
  const [hint] = HINTS.flatMap(([pattern, toHint]) => {
    const match = pattern.exec(said);
    return match ? [toHint(match[1] ?? '')] : [];
  });
  return { message: said + findPlace(said, frames), ...(hint !== undefined && { hint }) };
}

/** Returns the first line of the stack that is the user's. A syntax error, and an import that is not found, name it themselves. */
function findPlace(said: string, frames: readonly string[]): string {
  if (/^(?:file:|\/)|imported from/.test(said)) return '';
  const frame = frames.find((line) => /file:|[/\\]/.test(line) && !/node:|[/\\]node_modules[/\\]/.test(line));
  return frame === undefined ? '' : ` (at ${frame.replace(/^.*\((.*)\).*$/, '$1')})`;
}
