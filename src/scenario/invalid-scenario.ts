import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { SourceDocument } from './document.ts';
import { formatPath } from './path.ts';
import type { PathProblem } from './problems.ts';

/** Creates a `scenario/invalid` with these problems of a file, those of flags first, then in the order of its lines. */
export function invalidFile(file: string, source: SourceDocument, found: readonly PathProblem[]): QuotaLabError {
  const problems = found.map((problem): Problem => {
    const placed = placeProblem(problem);
    return problem.flag === undefined ? { ...placed, file, line: source.lineOf(problem.path) } : placed;
  });
  return invalidScenario(
    file,
    problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  );
}

/** Creates a `scenario/invalid` with these problems of a scenario: each once. */
export function invalidScenario(name: string, found: readonly Problem[]): QuotaLabError {
  const problems = [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new QuotaLabError('scenario/invalid', `${name} has ${count}`, { problems });
}

/** Formats where a problem is: its flag if one made it, else its path. */
export function placeProblem({ path, flag, message, hint }: PathProblem): Problem {
  return { path: flag ?? formatPath(path), message, ...(hint !== undefined && { hint }) };
}
