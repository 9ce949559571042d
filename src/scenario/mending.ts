import { formatPath, isWithin, type Path, valueAt } from './path.ts';
import type { FoundProblem } from './problems.ts';

type Container = Record<string | number, unknown>;

type FindIn = (document: unknown) => readonly FoundProblem[];

/** A document whose wrong values are replaced one after the other. */
export interface Mending {
  readonly document: unknown;
  /** Whether a problem is not known yet, and does not come from what was replaced. */
  isNew(path: Path, kind: FoundProblem['kind']): boolean;
  /** The path under which the value at a path stands in the file, where its key may be misspelt. */
  writtenPath(path: Path): Path;
  /**
   * Replaces a wrong value by the next one that may be right. `findIn` finds the problems of a document. Returns false if
   * nothing is left to replace.
   */
  mend(problem: FoundProblem, findIn: FindIn): boolean;
}

/** A value that stands in for a wrong one, about which a later problem says nothing. */
interface Doubt {
  readonly path: Path;
  readonly isGone: boolean;
}

/** Tried one after the other in place of a wrong value, until one is right. */
const STAND_INS: readonly unknown[] = ['1s', 'x', 1, '5/s', '5%', false, [], ['x'], {}, '2026-01-01T00:00:00Z'];
const REMOVED = Symbol('removed');

/** Checks across blocks: where their problems are, and whether they compare a value that is doubted. */
const CHECKS: readonly { readonly at: Path; compares(doubt: Doubt): boolean }[] = [
  ...[['time'], ['gateway'], ['client'], ['clients'], ['provider', 'faults']].map((at) => ({
    at,
    compares: decidesTime,
  })),
  { at: ['load'], compares: (doubt) => doubt.path[0] === 'load' || decidesTime(doubt) },
  { at: ['provider', 'limits'], compares: namesLimits },
];

/** The kind of client counts, which is that of its keys, and the time and the gateway as they are. */
function decidesTime({ path, isGone }: Doubt): boolean {
  if (path[0] === 'time' || path[0] === 'gateway') return true;
  const depth = path[0] === 'client' ? 1 : path[0] === 'clients' ? 2 : 0;
  return depth > 0 && (path.length <= depth || (path.length === depth + 1 && isGone));
}

/** Names of limits must differ, and some limit must be for the model of the calls. */
function namesLimits({ path }: Doubt): boolean {
  if (path[0] === 'call') return true;
  const names: Path = ['name', 'unit', 'models', 'algorithm'];
  return isWithin(path, ['provider', 'limits']) && (path.length <= 3 || names.includes(path[3]!));
}

/** Starts with a copy of a document. `samples` are right values of keys at the top, by name. */
export function createMending(written: unknown, samples: Readonly<Record<string, unknown>>): Mending {
  const document = structuredClone(written);
  const known: Path[] = [];
  const doubts: Doubt[] = [];
  const guessedBlocks: GuessedBlock[] = [];
  const renamed: { readonly from: Path; readonly to: Path }[] = [];
  const tried = new Map<string, Set<string>>();

  const triedAt = (path: Path): Set<string> => {
    const key = formatPath(path);
    const values = tried.get(key) ?? new Set();
    tried.set(key, values);
    return values;
  };
  const put = (path: Path, value: unknown): void => putAt(document, path, value);

  const mendValue = (problem: FoundProblem): boolean => {
    const { path } = problem;
    if (path.length === 0) return false;
    const before = triedAt(path);
    const next = valuesFor(problem, samples).find((value) => !before.has(nameOf(value)));
    const isBlock = typeof valueAt(document, path.slice(0, -1)) === 'object';
    // A text may stand for a block: `requests fast` has a wrong refill.
    if (next === undefined || !isBlock) {
      return mendValue({ path: path.slice(0, -1), message: '', kind: 'value', allowed: [] });
    }
    before.add(nameOf(next));
    put(path, next);
    if (next !== problem.meant) doubts.push({ path, isGone: next === REMOVED });
    return true;
  };

  /** Renames a key as it was likely meant, or removes it. */
  const mendKey = ({ path, meant }: FoundProblem): boolean => {
    const block = valueAt(document, path.slice(0, -1)) as Container;
    // A word of a text that stands for a block: `requests 5/s brust 5`.
    if (typeof block !== 'object') {
      return mendValue({ path: path.slice(0, -1), message: '', kind: 'value', allowed: [] });
    }
    const value = block[path.at(-1)!];
    put(path, REMOVED);
    if (meant === undefined || block[meant] !== undefined) return true;
    block[meant] = value;
    renamed.push({ from: path, to: [...path.slice(0, -1), meant] });
    return true;
  };

  const guessForm = (problem: FoundProblem, findIn: FindIn): true => {
    const { path } = problem;
    const { name, unknown } = likeliestForm(document, problem, findIn);
    put(path, name);
    triedAt(path).add(nameOf(name));
    guessedBlocks.push({ path: path.slice(0, -1), unknown });
    doubts.push({ path, isGone: false });
    return true;
  };

  return {
    document,
    writtenPath(path) {
      const rename = renamed.find(({ to }) => isWithin(path, to));
      return rename ? [...rename.from, ...path.slice(rename.to.length)] : path;
    },
    isNew: (path, kind) => isNewBeside({ known, doubts, guessedBlocks }, path, kind),
    mend(problem, findIn) {
      const { path, kind, meant, allowed } = problem;
      known.push(path);
      // Another problem of this round may have taken its block away.
      if (valueAt(document, path.slice(0, -1)) === undefined) return true;
      if (kind === 'unknown') return mendKey(problem);
      if (kind === 'missing' && valueAt(document, path) !== undefined) return true;
      const isFirst = triedAt(path).size === 0;
      if (kind === 'form' && meant === undefined && allowed.length > 0 && isFirst) return guessForm(problem, findIn);
      return mendValue(problem);
    },
  };
}

/** Returns the form of a block with the fewest problems, and the keys that no form has: they are wrong in any case. */
function likeliestForm(
  document: unknown,
  { path, allowed }: FoundProblem,
  findIn: FindIn,
): { readonly name: unknown; readonly unknown: readonly string[] } {
  const forms = allowed.map((name) => {
    putAt(document, path, name);
    const problems = findIn(document);
    const unknown = problems.filter(({ kind }) => kind === 'unknown').map((problem) => formatPath(problem.path));
    return { name, count: problems.length, unknown };
  });
  const best = forms.reduce((a, b) => (b.count < a.count ? b : a));
  const unknown = best.unknown.filter((key) => forms.every((form) => form.unknown.includes(key)));
  return { name: best.name, unknown };
}

function putAt(document: unknown, path: Path, value: unknown): void {
  const block = valueAt(document, path.slice(0, -1)) as Container;
  if (value === REMOVED) delete block[path.at(-1)!];
  else block[path.at(-1)!] = structuredClone(value);
}

/** A block whose form was guessed, so that its keys may be those of another form. */
interface GuessedBlock {
  readonly path: Path;
  /** Paths of keys that no form has. */
  readonly unknown: readonly string[];
}

/** What a mending has done so far. */
interface Mended {
  readonly known: readonly Path[];
  readonly doubts: readonly Doubt[];
  readonly guessedBlocks: readonly GuessedBlock[];
}

function isNewBeside({ known, doubts, guessedBlocks }: Mended, path: Path, kind: FoundProblem['kind']): boolean {
  if (known.some((one) => isWithin(path, one))) return false;
  if (doubts.some((doubt) => isWithin(doubt.path, path) || isWithin(path, doubt.path))) return false;
  if (kind === 'unknown' || kind === 'missing') {
    const block = guessedBlocks.find((guessed) => formatPath(guessed.path) === formatPath(path.slice(0, -1)));
    return block === undefined || (kind === 'unknown' && block.unknown.includes(formatPath(path)));
  }
  return kind !== 'check' || !doubts.some((doubt) => isCompared(doubt, path));
}

const nameOf = (value: unknown): string => (value === REMOVED ? 'removed' : JSON.stringify(value));

/** What may be right in place of a wrong value, likeliest first. A value that goes badly with others is removed first. */
function valuesFor(
  { path, kind, meant, allowed }: FoundProblem,
  samples: Readonly<Record<string, unknown>>,
): unknown[] {
  const sample = path.length === 1 ? samples[path[0]!] : undefined;
  // An entry of a list is not removed: it would change the places of those after it.
  const removed = typeof path.at(-1) === 'string' ? [REMOVED] : [];
  return [
    ...(meant === undefined ? [] : [meant]),
    ...(kind === 'check' && allowed.length === 0 ? removed : []),
    ...(sample === undefined ? [] : [sample]),
    ...allowed.slice(0, 1),
    ...STAND_INS,
    ...(kind === 'value' || kind === 'form' ? removed : []),
  ];
}

/** Blocks whose entries stand by themselves. */
const UNRELATED = ['thresholds', 'verdicts'];

/** Whether a check at this path compares a value that is doubted: one beside it, or one of a block that it reads. */
function isCompared(doubt: Doubt, path: Path): boolean {
  const isBeside = doubt.path.length === path.length && isWithin(doubt.path, path.slice(0, -1));
  if (path.length > 1 && isBeside && !UNRELATED.includes(String(path[0]))) return true;
  return CHECKS.some(({ at, compares }) => isWithin(path, at) && compares(doubt));
}
