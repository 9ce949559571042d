import { QuotaLabError } from '../../mock-server/error.ts';

/** Returns an error about `client` as one about the client of this name, at its path in the file. */
export function atNamedClient(error: unknown, name: string): unknown {
  if (name === '' || !(error instanceof QuotaLabError)) return error;
  const { code, message, cause } = error;
  const problems = error.problems.map((problem) => ({
    ...problem,
    path: problem.path.replace(/^client\b/, `clients.${name}`),
  }));
  return new QuotaLabError(code, message, { problems, cause });
}
