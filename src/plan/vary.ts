import { type Problem, QuotaLabError } from '../../mock-server/error.ts';

/** One dimension of a sweep: a path of the scenario and its values as text. */
export interface Dimension {
  readonly path: string;
  readonly values: readonly string[];
}

/** A point of a grid: values by path. */
export type GridPoint = Readonly<Record<string, string>>;

const MAX_VALUES = 1000;
const MAX_POINTS = 10_000;

/**
 * Parses `path=0..8`, `path=10..100..10` (with a step) or `path=5,10,20s`. Throws `plan/bad-range`.
 */
export function parseVary(text: string): Dimension {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).trim();
  const range = text.slice(at + 1).trim();
  if (at < 1 || range === '') throw badRangeError(text);
  const [, from, to, step = '1', unit = ''] =
    /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?([a-zA-Z]*(?:\/\w+)?)$/.exec(range) ?? [];
  if (from === undefined) return { path, values: range.split(',').map((value) => value.trim()) };
  const count = Math.floor((Number(to) - Number(from)) / Number(step) + 1e-9) + 1;
  if (!(count >= 1 && count <= MAX_VALUES)) throw badRangeError(text);
  const value = (index: number): number => Number((Number(from) + index * Number(step)).toPrecision(12));
  return { path, values: Array.from({ length: count }, (_, index) => `${value(index)}${unit}`) };
}

function badRangeError(text: string): QuotaLabError {
  const problems = [
    {
      path: '--vary',
      message: `cannot read "${text}"`,
      hint: 'client.retries.max=0..8, load[0].vus=10..100..10 or provider.limits.requests.capacity=5,10,20',
    },
  ];
  return new QuotaLabError('plan/bad-range', 'not a valid range of values', { problems });
}

/** Returns every combination of the values; the last dimension varies fastest. Throws `plan/bad-range` for too many. */
export function createGrid(dimensions: readonly Dimension[]): GridPoint[] {
  const count = dimensions.reduce((product, { values }) => product * values.length, 1);
  if (count > MAX_POINTS) {
    const message = `makes a grid of ${count} points; a sweep has at most ${MAX_POINTS}`;
    const hint = 'take larger steps, such as 10..100..10, or vary fewer settings';
    throw new QuotaLabError('plan/bad-range', 'too many values', { problems: [{ path: '--vary', message, hint }] });
  }
  return dimensions.reduce<GridPoint[]>(
    (points, { path, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/** Returns the problems of a grid's points; a problem that every value of a flag has is one of the flag. */
export function foldProblems(problems: readonly Problem[], vary: readonly Dimension[]): Problem[] {
  return problems.flatMap((problem): Problem[] => {
    const own = vary.find(({ path }) => problem.path.startsWith(`--vary ${path}=`));
    const isSame = ({ message, hint }: Problem): boolean => message === problem.message && hint === problem.hint;
    const flagPath = own && `--vary ${own.path}`;
    const paths = own?.values.map((value) => `${flagPath}=${value}`) ?? [];
    const isShared =
      paths.length > 1 && paths.every((path) => problems.some((one) => one.path === path && isSame(one)));
    if (flagPath === undefined || !isShared) return [problem];
    return problem.path === paths[0] ? [{ ...problem, path: flagPath }] : [];
  });
}
