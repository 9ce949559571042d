import type { z } from 'zod';
import { createMending } from './mending.ts';
import { formatPath, isWithin, type Path } from './path.ts';
import { type FoundProblem, foundProblems, type PathProblem } from './problems.ts';

/** What a schema has found in a document. */
export interface Findings<Value> {
  readonly problems: readonly PathProblem[];
  /** The document with its problems mended; undefined if that failed. */
  readonly value: Value | undefined;
  /** Whether a later problem at this path, of a value or of how values go together, is new, and not due to the mending. */
  isNew(path: Path, kind: 'value' | 'check'): boolean;
}

/** What is known of a format beside its schema. */
export interface FormatFacts {
  /** Right values of keys at the top, by name. */
  readonly samples?: Readonly<Record<string, unknown>>;
  /** Returns the right path that is nearest to a wrong one. */
  readonly nearestPath?: (document: unknown, wrong: string) => string | undefined;
}

const MAX_ROUNDS = 100;

/**
 * Returns the value of a document, or every problem of it at once. A schema checks how values go together only where each is
 * right, and the keys of a block only where its form is known: wrong values are therefore replaced by right ones, and the
 * document is parsed again, until nothing is wrong.
 */
export function findProblems<Value>(
  schema: z.ZodType<Value>,
  document: unknown,
  { samples = {}, nearestPath }: FormatFacts = {},
): Findings<Value> {
  const mending = createMending(document, samples);
  const findIn = (trial: unknown): readonly FoundProblem[] => problemsIn(schema, trial);
  const problems: PathProblem[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = schema.safeParse(mending.document);
    if (parsed.success) return { problems, value: parsed.data, isNew: mending.isNew };
    const found = withoutRashChecks(foundProblems(parsed.error, mending.document));
    const fresh = found.filter(({ path, kind }) => mending.isNew(path, kind));
    for (const problem of withoutMisspelt(fresh)) {
      const hint = problem.hint ?? hintElsewhere(problem, (wrong) => nearestPath?.(mending.document, wrong));
      const { message } = problem;
      problems.push({ path: mending.writtenPath(problem.path), message, ...(hint !== undefined && { hint }) });
    }
    // Unknown keys first: one may be the missing one, misspelt.
    const inOrder = [...found].sort((a, b) => Number(b.kind === 'unknown') - Number(a.kind === 'unknown'));
    if (!inOrder.every((problem) => mending.mend(problem, findIn))) break;
  }
  return { problems, value: undefined, isNew: () => false };
}

/** Hints at another block that has an unknown key. Entries of lists are left out: they have their own rates and names. */
function hintElsewhere(
  { kind, path }: FoundProblem,
  nearestPath: (wrong: string) => string | undefined,
): string | undefined {
  if (kind !== 'unknown' || path.some((step) => typeof step === 'number')) return undefined;
  const nearest = nearestPath(formatPath(path));
  return nearest === undefined || !nearest.endsWith(String(path.at(-1))) ? undefined : `did you mean ${nearest}?`;
}

/** Without checks of blocks that have unknown keys, which may be misspelt: the next round repeats them. */
function withoutRashChecks(found: readonly FoundProblem[]): FoundProblem[] {
  const blocks = found.flatMap(({ kind, path }) => (kind === 'unknown' ? [path.slice(0, -1)] : []));
  const isRash = (path: Path): boolean =>
    blocks.some((block) => isWithin(block, path) || (path.length === block.length + 1 && isWithin(path, block)));
  return found.filter(({ kind, path }) => kind !== 'check' || !isRash(path));
}

/** Without keys that are missing because they are misspelt. */
function withoutMisspelt(found: readonly FoundProblem[]): FoundProblem[] {
  const meant = new Set(
    found.flatMap(({ kind, path, meant: name }) =>
      kind === 'unknown' && name !== undefined ? [formatPath([...path.slice(0, -1), name])] : [],
    ),
  );
  return found.filter(({ kind, path }) => kind === 'unknown' || !meant.has(formatPath(path)));
}

function problemsIn(schema: z.ZodType, document: unknown): readonly FoundProblem[] {
  const { error } = schema.safeParse(document);
  return error ? foundProblems(error, document) : [];
}
