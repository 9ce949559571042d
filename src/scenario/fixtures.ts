import type { PathProblem } from './problems.ts';

type Container = Record<string, unknown>;

/**
 * The raw document with the rules of fixture files in the place of their names (`provider.answer.fixtures`). `read` gives
 * the text of a file that is named relative to the scenario. What cannot be read is a problem.
 */
export async function withFixtures(
  raw: unknown,
  read: (name: string) => Promise<string>,
): Promise<{ document: unknown; problems: PathProblem[] }> {
  const answer = answerIn(raw);
  const names = answer && namesIn(answer.fixtures);
  if (!answer || !names) return { document: raw, problems: [] };
  const problems: PathProblem[] = [];
  const rules: unknown[] = [];
  for (const name of names) {
    const found = await rulesOf(name, read);
    if (Array.isArray(found)) rules.push(...found);
    else problems.push({ path: ['provider', 'answer', 'fixtures'], message: `${name} ${found}` });
  }
  const { fixtures: _, ...rest } = answer;
  const provider = (raw as Container).provider as Container;
  const replaced = problems.length > 0 ? 'lorem' : { ...rest, rules };
  return { document: { ...(raw as Container), provider: { ...provider, answer: replaced } }, problems };
}

function answerIn(raw: unknown): Container | undefined {
  const provider = (raw as Container | null | undefined)?.provider as Container | undefined;
  const answer = provider?.answer;
  return typeof answer === 'object' && answer !== null && 'fixtures' in answer ? (answer as Container) : undefined;
}

function namesIn(value: unknown): string[] | undefined {
  const names = [value].flat();
  return names.length > 0 && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** The rules of one file, or what is wrong with it. */
async function rulesOf(name: string, read: (name: string) => Promise<string>): Promise<unknown[] | string> {
  let text: string;
  try {
    text = await read(name);
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
  try {
    const { fixtures } = JSON.parse(text) as { fixtures?: unknown };
    return Array.isArray(fixtures) && fixtures.length > 0 ? fixtures : 'has no list `fixtures`';
  } catch (error) {
    return `is no JSON: ${(error as Error).message}`;
  }
}
