import type { Problem, QuotaLabError } from '../../mock-server/error.ts';

/** Formats an error: message and code, then one line per problem. */
export function formatError(error: QuotaLabError): string {
  return [`${error.message} (${error.code})`, ...error.problems.map(formatProblem)].join('\n');
}

/** `file:line  path: message (hint)`, without the parts that are unknown. */
function formatProblem({ file, line, path, message, hint }: Problem): string {
  const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `;
  return `  ${where}${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
