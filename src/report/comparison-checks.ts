import type { Comparison } from '../comparison/compare.ts';
import type { FigureChange } from '../comparison/compare-figure.ts';
import type { ThresholdChange, VerdictChange } from '../comparison/compare-outcomes.ts';
import type { Check } from './checks.ts';
import { figureSentence, shownFigure } from './figure-change.ts';

/** A comparison as checks: its figures, and each verdict and threshold that changed. */
export function comparisonChecks(comparison: Comparison): Check[] {
  const { verdicts, thresholds } = comparison;
  return [...figureChecks(comparison), ...verdicts.map(ofVerdict), ...thresholds.map(ofThreshold)];
}

/** Figures that something is allowed to: what a run with a baseline has to say beside its own verdicts and thresholds. */
export function figureChecks({ figures }: Pick<Comparison, 'figures'>): Check[] {
  return figures.filter(({ allowed }) => allowed !== undefined).map(ofFigure);
}

function ofFigure(figure: FigureChange): Check {
  const { name, regression, beyond, certainty, base, candidate } = figure;
  const isOpen = beyond && certainty === 'chance';
  const isTold = regression || isOpen;
  return check(name, regression, {
    outcome: regression ? 'failed' : isOpen ? 'undecided' : 'passed',
    message: isTold
      ? figureSentence(figure).slice(`${name}: `.length)
      : `${shownFigure(figure, base)} → ${shownFigure(figure, candidate)}`,
  });
}

function ofVerdict({ id, base, candidate, went, reason, regression }: VerdictChange): Check {
  return check(id, regression, {
    outcome: regression ? 'failed' : went === 'lost' ? 'warned' : 'passed',
    message: `${base} → ${candidate}${reason === undefined ? '' : `: ${reason}`}`,
  });
}

function ofThreshold({ threshold, base, candidate, regression }: ThresholdChange): Check {
  return check(threshold, regression, {
    outcome: regression ? 'failed' : 'passed',
    message: `${base} → ${candidate}`,
  });
}

function check(name: string, failsRun: boolean, rest: Pick<Check, 'outcome' | 'message'>): Check {
  return { kind: 'comparison', name, failsRun, ...rest, evidence: [], advice: '', path: [] };
}
