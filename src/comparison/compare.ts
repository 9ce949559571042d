import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { FIGURES } from '../analysis/metrics/figures.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { type Allowances, findAllowance } from './allowance.ts';
import { type Basis, compareFigure, type FigureChange, hasEnoughSeeds } from './compare-figure.ts';
import { compareThresholds, compareVerdicts, type ThresholdChange, type VerdictChange } from './compare-outcomes.ts';
import { type ConditionDifference, findConditionDifferences } from './conditions.ts';
import { type Measurement, selectSeed } from './measurement.ts';

/** One side of a comparison, without its figures. */
export interface SideInfo {
  readonly tool: string;
  readonly node?: string;
  /** The compared seeds, and the total number of seeds of this side. */
  readonly seeds: readonly number[];
  readonly of: number;
}

/** The result of comparing two measurements. */
export interface Comparison {
  readonly scenario: string;
  readonly time: string;
  readonly base: SideInfo;
  readonly candidate: SideInfo;
  readonly basis: Basis['kind'];
  /** Number of common seeds, and of those with equal figures on both sides. */
  readonly paired: { readonly seeds: number; readonly same: number };
  /** Conditions that differ; empty unless forced. */
  readonly differences: readonly ConditionDifference[];
  /** Incomplete runs; empty unless forced. */
  readonly partial: readonly string[];
  readonly figures: readonly FigureChange[];
  readonly verdicts: readonly VerdictChange[];
  readonly thresholds: readonly ThresholdChange[];
  /** Names of figures, verdicts and thresholds that regressed. */
  readonly regressions: readonly string[];
}

export interface CompareOptions {
  readonly allowances: Allowances;
  /** Also compares runs with different conditions, and incomplete runs. */
  readonly force?: boolean;
}

/**
 * Compares two measurements of one scenario. Deterministic. Throws `compare/not-comparable` with every difference in
 * conditions, and `compare/empty` if a side made no call.
 */
export function compare(
  fullBase: Measurement,
  fullCandidate: Measurement,
  { allowances, force }: CompareOptions,
): Comparison {
  ensureComparable(fullBase, fullCandidate, force ?? false);
  const [base, candidate] = restrictToCommonSeed(fullBase, fullCandidate);
  const pairs = pairSeeds(base.seeds, candidate.seeds);
  const areAllPaired = pairs.length === base.seeds.length && pairs.length === candidate.seeds.length;
  const basis: Basis = { kind: chooseBasis(base, candidate, pairs.length), pairs: areAllPaired ? pairs : [] };
  const figures = FIGURES.map((figure) =>
    compareFigure(figure, base.figures[figure.name] ?? [null], candidate.figures[figure.name] ?? [null], {
      basis,
      allowance: findAllowance(figure, allowances),
    }),
  );
  const verdicts = compareVerdicts(base, candidate);
  const thresholds = compareThresholds(base, candidate);
  return {
    scenario: candidate.conditions.name,
    time: candidate.conditions.time,
    base: describeSide(base, fullBase),
    candidate: describeSide(candidate, fullCandidate),
    basis: basis.kind,
    paired: { seeds: pairs.length, same: pairs.filter((pair) => hasSameFigures(base, candidate, pair)).length },
    differences: findConditionDifferences(fullBase.conditions, fullCandidate.conditions),
    partial: listPartialRuns(fullBase, fullCandidate),
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

/** Further differences are only counted. */
const MAX_LISTED_DIFFERENCES = 12;

function ensureComparable(base: Measurement, candidate: Measurement, force: boolean): void {
  const sides = [['the base', base] as const, ['the candidate', candidate] as const];
  const empty = sides.filter(([, { figures }]) => (figures.calls ?? []).every((calls) => !calls));
  if (empty.length > 0) {
    const problems = empty.map(([side]) => ({ path: '', message: `no run of ${side} made a call` }));
    throw new QuotaLabError('compare/empty', 'nothing to compare', { problems });
  }
  if (force) return;
  ensureSameConditions(base, candidate);
  const problems = listPartialRuns(base, candidate).map((text) => ({
    path: '',
    message: `${text} before the run ended`,
  }));
  if (problems.length > 0) throw notComparable(problems);
}

/** Throws `compare/not-comparable` with every condition that differs. */
export function ensureSameConditions(
  base: Pick<Measurement, 'conditions' | 'tool'>,
  candidate: Pick<Measurement, 'conditions' | 'tool'>,
): void {
  const differences = findConditionDifferences(base.conditions, candidate.conditions);
  if (differences.length === 0) return;
  const listed = differences.slice(0, MAX_LISTED_DIFFERENCES).map(({ path, base: before, candidate: after }) => ({
    path,
    message: `${before} in the base, ${after} in the candidate`,
  }));
  const more = differences.length - listed.length;
  const tools = `the files were written by ${base.tool} and ${candidate.tool}, which may name settings differently`;
  throw notComparable([
    ...listed,
    ...(more > 0 ? [{ path: '', message: `and ${more} more` }] : []),
    ...(base.tool === candidate.tool ? [] : [{ path: '', message: tools }]),
  ]);
}

function notComparable(problems: readonly Problem[]): QuotaLabError {
  return new QuotaLabError('compare/not-comparable', 'these runs have different conditions', {
    problems,
  });
}

function listPartialRuns(base: Measurement, candidate: Measurement): string[] {
  return [
    ...(base.partial ?? []).map((text) => `base, ${text}`),
    ...(candidate.partial ?? []).map((text) => `candidate, ${text}`),
  ];
}

/** In virtual time, a single seed is compared with the same seed only, which is exact. */
function restrictToCommonSeed(base: Measurement, candidate: Measurement): [Measurement, Measurement] {
  const common = base.seeds.filter((seed) => candidate.seeds.includes(seed));
  const isSingle = Math.min(base.seeds.length, candidate.seeds.length) === 1;
  if (!isRepeatable(candidate.conditions.time) || !isSingle || common.length === 0) return [base, candidate];
  return [selectSeed(base, common[0]!), selectSeed(candidate, common[0]!)];
}

function pairSeeds(base: readonly number[], candidate: readonly number[]): [number, number][] {
  return base.flatMap((seed, at): [number, number][] => {
    const other = candidate.indexOf(seed);
    return other < 0 ? [] : [[at, other]];
  });
}

function chooseBasis(base: Measurement, candidate: Measurement, pairs: number): Basis['kind'] {
  const [n, m] = [base.seeds.length, candidate.seeds.length];
  if (n === 1 && m === 1) return isRepeatable(candidate.conditions.time) && pairs === 1 ? 'exact' : 'few';
  return hasEnoughSeeds(n, m, pairs) ? 'seeds' : 'few';
}

function hasSameFigures(base: Measurement, candidate: Measurement, [one, other]: readonly [number, number]): boolean {
  return FIGURES.every(({ name }) => base.figures[name]?.[one] === candidate.figures[name]?.[other]);
}

function describeSide({ tool, node, seeds }: Measurement, whole: Measurement): SideInfo {
  return { tool, ...(node !== undefined && { node }), seeds, of: whole.seeds.length };
}
