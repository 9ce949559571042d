import type { PathProblem } from './problems.ts';

type Container = Record<string, unknown>;

/**
 * Replaces `provider.answer.fixtures` in a raw document by the rules in those files. `read` returns the text of a file
 * named relative to the scenario. Unreadable files are returned as problems.
 */
export function withFixtures(
  raw: unknown,
  read: (name: string) => string,
): { document: unknown; problems: PathProblem[] } {
  const answer = findAnswer(raw);
  const names = answer && fixtureNames(answer.fixtures);
  if (!answer || !names) return { document: raw, problems: [] };
  const problems: PathProblem[] = [];
  const rules: unknown[] = [];
  for (const name of names) {
    const found = readRules(name, read);
    if (Array.isArray(found)) rules.push(...found);
    else problems.push({ path: ['provider', 'answer', 'fixtures'], message: `${name} ${found}` });
  }
  const { fixtures: _, ...rest } = answer;
  const provider = (raw as Container).provider as Container;
  const replaced = problems.length > 0 ? 'lorem' : { ...rest, rules };
  return { document: { ...(raw as Container), provider: { ...provider, answer: replaced } }, problems };
}

function findAnswer(raw: unknown): Container | undefined {
  const provider = (raw as Container | null | undefined)?.provider as Container | undefined;
  const answer = provider?.answer;
  return typeof answer === 'object' && answer !== null && 'fixtures' in answer ? (answer as Container) : undefined;
}

function fixtureNames(value: unknown): string[] | undefined {
  const names = [value].flat();
  return names.length > 0 && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** Returns the rules of one file, or an error message. */
function readRules(name: string, read: (name: string) => string): unknown[] | string {
  let text: string;
  try {
    text = read(name);
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
  try {
    const { fixtures } = Object(JSON.parse(text)) as { fixtures?: unknown };
    return Array.isArray(fixtures) && fixtures.length > 0 ? fixtures : 'has no `fixtures` list';
  } catch (error) {
    return `is not valid JSON: ${(error as Error).message}`;
  }
}
