import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { FIGURES } from '../analysis/metrics/figures.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { type Allowances, allowanceOf } from './allowance.ts';
import { type Basis, canTell, compareFigure, type FigureChange } from './compare-figure.ts';
import { type ThresholdChange, thresholdChanges, type VerdictChange, verdictChanges } from './compare-outcomes.ts';
import { type ConditionDifference, differencesOf } from './conditions.ts';
import { type Measurement, ofSeed } from './measurement.ts';

/** What a comparison says of one side, its figures left out. */
export interface SideInfo {
  readonly tool: string;
  readonly node?: string;
  /** The seeds that were compared, and how many there are. */
  readonly seeds: readonly number[];
  readonly of: number;
}

export interface Comparison {
  readonly scenario: string;
  readonly time: string;
  readonly base: SideInfo;
  readonly candidate: SideInfo;
  readonly basis: Basis['kind'];
  /** Seeds that both sides have, and how many of them came out the same in every figure. */
  readonly paired: { readonly seeds: number; readonly same: number };
  /** What differs all the same, where that was allowed. */
  readonly differences: readonly ConditionDifference[];
  /** Runs that did not go their whole way, where that was allowed. */
  readonly partial: readonly string[];
  readonly figures: readonly FigureChange[];
  readonly verdicts: readonly VerdictChange[];
  readonly thresholds: readonly ThresholdChange[];
  /** Names of what got worse by more than was allowed. */
  readonly regressions: readonly string[];
}

export interface CompareOptions {
  readonly allowances: Allowances;
  /** Compares what is not comparable. */
  readonly force?: boolean;
}

/**
 * Compares two measurements of one scenario. Pure: the same measurements give the same comparison. Throws
 * `compare/not-comparable` with everything that differs, and `compare/empty` where a run made no call.
 */
export function compare(whole: Measurement, other: Measurement, { allowances, force }: CompareOptions): Comparison {
  ensureComparable(whole, other, force ?? false);
  const [base, candidate] = restricted(whole, other);
  const pairs = pairsOf(base.seeds, candidate.seeds);
  const areAllPaired = pairs.length === base.seeds.length && pairs.length === candidate.seeds.length;
  const basis: Basis = { kind: kindOf(base, candidate, pairs.length), pairs: areAllPaired ? pairs : [] };
  const figures = FIGURES.map((figure) =>
    compareFigure(figure, base.figures[figure.name] ?? [null], candidate.figures[figure.name] ?? [null], {
      basis,
      allowance: allowanceOf(figure, allowances),
    }),
  );
  const verdicts = verdictChanges(base, candidate);
  const thresholds = thresholdChanges(base, candidate);
  return {
    scenario: candidate.conditions.name,
    time: candidate.conditions.time,
    base: infoOf(base, whole),
    candidate: infoOf(candidate, other),
    basis: basis.kind,
    paired: { seeds: pairs.length, same: pairs.filter((pair) => isSame(base, candidate, pair)).length },
    differences: differencesOf(whole.conditions, other.conditions),
    partial: partialOf(whole, other),
    figures,
    verdicts,
    thresholds,
    regressions: [
      ...figures.filter(({ regression }) => regression).map(({ name }) => name),
      ...verdicts.filter(({ regression }) => regression).map(({ id }) => id),
      ...thresholds.filter(({ regression }) => regression).map(({ threshold }) => threshold),
    ],
  };
}

/** Most differences that are told one by one. */
const MOST_TOLD = 12;

function ensureComparable(base: Measurement, candidate: Measurement, force: boolean): void {
  const sides = [['the base', base] as const, ['the candidate', candidate] as const];
  const empty = sides.filter(([, { figures }]) => (figures.calls ?? []).every((calls) => !calls));
  if (empty.length > 0) {
    const problems = empty.map(([side]) => ({ path: '', message: `no run of ${side} made a call` }));
    throw new QuotaLabError('compare/empty', 'there is nothing to compare', { problems });
  }
  if (force) return;
  ensureSameConditions(base, candidate);
  const problems = partialOf(base, candidate).map((text) => ({ path: '', message: `${text}, before its end` }));
  if (problems.length > 0) throw notComparable(problems);
}

/** Throws `compare/not-comparable` with every condition that differs. */
export function ensureSameConditions(
  base: Pick<Measurement, 'conditions' | 'tool'>,
  candidate: Pick<Measurement, 'conditions' | 'tool'>,
): void {
  const differences = differencesOf(base.conditions, candidate.conditions);
  if (differences.length === 0) return;
  const told = differences.slice(0, MOST_TOLD).map(({ path, base: was, candidate: is }) => ({
    path,
    message: `${was} in the base, ${is} in the candidate`,
  }));
  const more = differences.length - told.length;
  const tools = `written by ${base.tool} and ${candidate.tool}, which may name settings differently`;
  throw notComparable([
    ...told,
    ...(more > 0 ? [{ path: '', message: `and ${more} more` }] : []),
    ...(base.tool === candidate.tool ? [] : [{ path: '', message: tools }]),
  ]);
}

function notComparable(problems: readonly Problem[]): QuotaLabError {
  return new QuotaLabError('compare/not-comparable', 'these runs were not made under the same conditions', {
    problems,
  });
}

function partialOf(base: Measurement, candidate: Measurement): string[] {
  return [
    ...(base.partial ?? []).map((text) => `base, ${text}`),
    ...(candidate.partial ?? []).map((text) => `candidate, ${text}`),
  ];
}

/** Where clocks jump, one seed is compared with itself: that is sharper than with all the others of the other side. */
function restricted(base: Measurement, candidate: Measurement): [Measurement, Measurement] {
  const common = base.seeds.filter((seed) => candidate.seeds.includes(seed));
  const isOne = Math.min(base.seeds.length, candidate.seeds.length) === 1;
  if (!isRepeatable(candidate.conditions.time) || !isOne || common.length === 0) return [base, candidate];
  return [ofSeed(base, common[0]!), ofSeed(candidate, common[0]!)];
}

function pairsOf(base: readonly number[], candidate: readonly number[]): [number, number][] {
  return base.flatMap((seed, at): [number, number][] => {
    const other = candidate.indexOf(seed);
    return other < 0 ? [] : [[at, other]];
  });
}

function kindOf(base: Measurement, candidate: Measurement, pairs: number): Basis['kind'] {
  const [n, m] = [base.seeds.length, candidate.seeds.length];
  if (n === 1 && m === 1) return isRepeatable(candidate.conditions.time) && pairs === 1 ? 'exact' : 'few';
  return canTell(n, m, pairs) ? 'seeds' : 'few';
}

function isSame(base: Measurement, candidate: Measurement, [one, other]: readonly [number, number]): boolean {
  return FIGURES.every(({ name }) => base.figures[name]?.[one] === candidate.figures[name]?.[other]);
}

function infoOf({ tool, node, seeds }: Measurement, whole: Measurement): SideInfo {
  return { tool, ...(node !== undefined && { node }), seeds, of: whole.seeds.length };
}
