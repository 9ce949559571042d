import type { Problem, QuotaLabError } from '../../mock-server/error.ts';

/** Formats an error: message and code, then one line per problem. A hint that the message gives is not repeated. */
export function formatError({ message, code, problems }: QuotaLabError): string {
  const lines = problems.map((problem) =>
    formatProblem(repeats(message, problem) ? { ...problem, hint: undefined } : problem),
  );
  return [`${message} (${code})`, ...lines].join('\n');
}

const repeats = (message: string, { hint }: Problem): boolean => hint !== undefined && message.includes(hint);

/** `file:line  path: message (hint)`, without the parts that are unknown. */
function formatProblem({ file, line, path, message, hint }: Problem): string {
  const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `;
  return `  ${where}${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
