import { formatPath, type Path } from '../../../src/scenario/path.ts';
import { type Draws, misspell } from './draws.ts';
import { isHelpful, type Judged, problemsOf } from './judge-wrong.ts';
import type { Mistake } from './mistakes.ts';
import { allNodes, type Node } from './node.ts';

/** A wrong `--set`, and what it does wrong. */
interface WrongFlag {
  readonly path: string;
  readonly value: string;
  readonly kind: Mistake['kind'];
}

/** Loads a right scenario with wrong changes by path, as `--set` makes them, and compares what is reported with them. */
export async function judgeWrongPaths(file: string, draws: Draws, right: Node, count: number): Promise<Judged> {
  const flags = drawWrongFlags(draws, right, count);
  const overrides = flags.map(({ path, value }) => ({ path, value }));
  const { problems, cpuMs } = await problemsOf(file, overrides);
  const isNamed = ({ path }: WrongFlag): boolean =>
    problems.some((problem) => problem.path === `--set ${path}` || problem.path.startsWith(`--set ${path}=`));
  const isWellNamed = ({ path, kind }: WrongFlag): boolean =>
    problems.some(
      (problem) =>
        problem.path.startsWith(`--set ${path}`) &&
        isHelpful(problem) &&
        // A misspelt path has a right one close by, or the keys that are allowed.
        (kind !== 'misspelt-path' ||
          problem.hint !== undefined ||
          /allowed here|has no settings?\b/.test(problem.message)),
    );
  const mistakes = flags.map(({ path, value, kind }): Mistake => ({ kind, path: [path], what: value }));
  return {
    text: flags.map(({ path, value }) => `--set '${path}=${value}'`).join(' '),
    mistakes,
    problems,
    unnamed: mistakes.filter((_, index) => !isNamed(flags[index]!)),
    badlyNamed: flags.filter((flag) => isNamed(flag) && !isWellNamed(flag)).map(({ path, kind }) => `${kind} ${path}`),
    madeUp: problems.filter(({ path }) => !flags.some((flag) => path.startsWith(`--set ${flag.path}`))),
    cpuMs,
  };
}

/** Draws wrong changes of different blocks at the top, so that none undoes another. */
function drawWrongFlags(draws: Draws, right: Node, count: number): WrongFlag[] {
  const nodes = allNodes(right).filter(({ path, node }) => node.kind === 'leaf' && path.length > 0);
  const flags: WrongFlag[] = [];
  const blocks = new Set<string | number>();
  for (let tries = 0; flags.length < count && tries < 30; tries++) {
    const { path, node } = draws.pick(nodes);
    if (node.kind !== 'leaf' || blocks.has(path[0]!)) continue;
    const flag = draws.chance(0.5) ? wrongValue(draws, path, node.wrong) : wrongPath(draws, path, node.value);
    if (!flag) continue;
    blocks.add(path[0]!);
    flags.push(flag);
  }
  return flags;
}

/** A value that stays what it is when it is read as YAML. */
function wrongValue(draws: Draws, path: Path, wrong: readonly unknown[]): WrongFlag {
  return { path: formatPath(path), value: JSON.stringify(draws.pick(wrong)), kind: 'wrong-value' };
}

function wrongPath(draws: Draws, path: Path, right: unknown): WrongFlag | undefined {
  const value = JSON.stringify(right);
  const indexAt = path.findIndex((step) => typeof step === 'number');
  const ways = ['misspelt', ...(indexAt >= 0 ? ['no-index', 'far-index', 'bad-index'] : [])];
  switch (draws.pick(ways)) {
    case 'no-index':
      return indexAt === path.length - 1
        ? undefined
        : { path: formatPath(path.filter((_, at) => at !== indexAt)), value, kind: 'misspelt-path' };
    case 'far-index':
      return {
        path: formatPath(path.map((step, at) => (at === indexAt ? 57 : step))),
        value,
        kind: 'misspelt-path',
      };
    case 'bad-index':
      return { path: formatPath(path).replace(/\[\d+\]/, '[x]'), value, kind: 'misspelt-path' };
    default:
      return misspeltPath(draws, path, value);
  }
}

/** A path of which one key has a slip; below `env` and for texts that stand for blocks, any key is right. */
function misspeltPath(draws: Draws, path: Path, value: string): WrongFlag | undefined {
  const at = draws.whole(0, path.length - 1);
  const key = path[at]!;
  if (typeof key !== 'string' || key.length < 5 || path.includes('env')) return undefined;
  const wrong = misspell(draws, key);
  return {
    path: formatPath(path.map((step, depth) => (depth === at ? wrong : step))),
    value,
    kind: 'misspelt-path',
  };
}
