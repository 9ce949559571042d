import { describeUnsupported, withoutUnsupported } from './aimock-keys.ts';
import { formatPath, isWithin, type Path } from './path.ts';
import type { PathProblem } from './problems.ts';

type Container = Record<string, unknown>;

/** A raw document whose fixture files are replaced by their rules. */
export interface FixtureDocument {
  readonly document: unknown;
  /** Files that cannot be read. */
  readonly problems: readonly PathProblem[];
  /** What files contain that has no effect, a sentence for each file. */
  readonly warnings: readonly string[];
  /** Blames a problem of a rule on its file. */
  withFile(problem: PathProblem): PathProblem;
}

/** The rule of a file: its name, and the index of the rule in it. */
interface Origin {
  readonly name: string;
  readonly index: number;
}

const FIXTURES: Path = ['provider', 'answer', 'fixtures'];
const RULES: Path = ['provider', 'answer', 'rules'];

/**
 * Replaces `provider.answer.fixtures` in a raw document by the rules in those files. `read` returns the text of a file
 * named relative to the scenario. Unreadable files are returned as problems.
 */
export function withFixtures(raw: unknown, read: (name: string) => string): FixtureDocument {
  const answer = findAnswer(raw);
  const names = answer && fixtureNames(answer.fixtures);
  if (!answer || !names) return { document: raw, problems: [], warnings: [], withFile: (problem) => problem };
  const problems: PathProblem[] = [];
  const warnings: string[] = [];
  const rules: unknown[] = [];
  const origins: Origin[] = [];
  for (const name of names) {
    const found = readRules(name, read);
    if (typeof found === 'string') {
      problems.push({ path: FIXTURES, message: `${name} ${found}` });
      continue;
    }
    const { supported, unsupported, leftOut } = withoutUnsupported(found);
    const warning = describeUnsupported(name, { unsupported, leftOut });
    if (warning !== undefined) warnings.push(warning);
    rules.push(...supported.map(({ rule }) => rule));
    origins.push(...supported.map(({ index }) => ({ name, index })));
    if (supported.length === 0) problems.push({ path: FIXTURES, message: `${name} has no rule that applies here` });
  }
  const { fixtures: _, ...rest } = answer;
  const provider = (raw as Container).provider as Container;
  const replaced = problems.length > 0 ? 'lorem' : { ...rest, rules };
  const document = { ...(raw as Container), provider: { ...provider, answer: replaced } };
  return { document, problems, warnings, withFile: (problem) => blame(problem, origins) };
}

function blame(problem: PathProblem, origins: readonly Origin[]): PathProblem {
  const origin = isWithin(problem.path, RULES) ? origins[Number(problem.path[RULES.length])] : undefined;
  if (!origin) return problem;
  const inside = formatPath(['fixtures', origin.index, ...problem.path.slice(RULES.length + 1)]);
  return { ...problem, path: FIXTURES, message: `${origin.name} ${inside}: ${problem.message}` };
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
