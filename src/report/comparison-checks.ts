import type { Comparison } from '../comparison/compare.ts';
import type { FigureChange } from '../comparison/compare-figure.ts';
import type { ThresholdChange, VerdictChange } from '../comparison/compare-outcomes.ts';
import type { Check } from './checks.ts';
import { describeFigureChange, formatFigureValue } from './figure-change.ts';

/** Returns a comparison as checks: its figures, and each verdict and threshold that changed. */
export function comparisonChecks(comparison: Comparison): Check[] {
  const { verdicts, thresholds } = comparison;
  return [...figureChecks(comparison), ...verdicts.map(verdictCheck), ...thresholds.map(thresholdCheck)];
}

/** Returns the checks of the figures that have an allowance: what a baseline adds to the verdicts and thresholds of a run. */
export function figureChecks({ figures }: Pick<Comparison, 'figures'>): Check[] {
  return figures.filter(({ allowed }) => allowed !== undefined).map(figureCheck);
}

function figureCheck(figure: FigureChange): Check {
  const { name, regression, beyond, certainty, base, candidate } = figure;
  const isUndecided = beyond && certainty === 'chance';
  const isExplained = regression || isUndecided;
  return createCheck(name, regression, {
    outcome: regression ? 'failed' : isUndecided ? 'undecided' : 'passed',
    message: isExplained
      ? describeFigureChange(figure).slice(`${name}: `.length)
      : `${formatFigureValue(figure, base)} → ${formatFigureValue(figure, candidate)}`,
  });
}

function verdictCheck({ id, base, candidate, went, reason, regression }: VerdictChange): Check {
  return createCheck(id, regression, {
    outcome: regression ? 'failed' : went === 'lost' ? 'warned' : 'passed',
    message: `${base} → ${candidate}${reason === undefined ? '' : `: ${reason}`}`,
  });
}

function thresholdCheck({ threshold, base, candidate, regression }: ThresholdChange): Check {
  return createCheck(threshold, regression, {
    outcome: regression ? 'failed' : 'passed',
    message: `${base} → ${candidate}`,
  });
}

function createCheck(name: string, failsRun: boolean, rest: Pick<Check, 'outcome' | 'message'>): Check {
  return { kind: 'comparison', name, failsRun, ...rest, evidence: [], advice: '', path: [] };
}
