import type { Problem, QuotaLabError } from '../../mock-server/error.ts';

/** An error for people: its code and sentence, then a line for each problem. */
export function formatError(error: QuotaLabError): string {
  return [`${error.message} (${error.code})`, ...error.problems.map(formatProblem)].join('\n');
}

/** `file:line  path: message (hint)`, as far as these are known. */
function formatProblem({ file, line, path, message, hint }: Problem): string {
  const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `;
  return `  ${where}${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
