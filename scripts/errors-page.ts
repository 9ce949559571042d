import { ERROR_CODES, type ErrorCode, errorOrigin } from '../mock-server/error-codes.ts';

const HEAD = `# Errors

QuotaLab throws \`QuotaLabError\`: \`code\` is one of the codes below and stays the same between versions, \`message\` is for people,
and \`problems\` lists every problem found, each with its \`path\`, \`message\` and, if there is one, a \`hint\`, \`file\` and \`line\`. The
command line prints them all and exits with the code of the table: 2 for invalid input, 1 for a failure of QuotaLab itself.

\`\`\`ts
import { QuotaLabError, run } from 'quotalab';

try {
  await run('scenario.yaml');
} catch (error) {
  if (!(error instanceof QuotaLabError) || error.code !== 'scenario/invalid') throw error;
  for (const { path, message, hint } of error.problems) console.error(path, message, hint);
}
\`\`\`
`;

/** Returns docs/errors.md: every error code with its exit code and meaning, grouped by the part before the slash. */
export function errorsPage(): string {
  const groups = Map.groupBy(Object.keys(ERROR_CODES) as ErrorCode[], (code) => code.split('/')[0]!);
  const sections = [...groups].map(
    ([name, codes]) => `\n## ${name}\n\n| code | exit | meaning |\n|---|---|---|\n${rows(codes)}`,
  );
  return HEAD + sections.join('');
}

function rows(codes: readonly ErrorCode[]): string {
  const exit = (code: ErrorCode): number => (errorOrigin(code) === 'input' ? 2 : 1);
  return codes.map((code) => `| \`${code}\` | ${exit(code)} | ${ERROR_CODES[code]} |\n`).join('');
}
