import type { Run } from '../../analysis/run/run-view.ts';
import { findPhases, type Phase } from '../../analysis/series/phases.ts';
import { labelStyle } from './chart-spec.ts';

/**
 * Returns shaded outages, and lines at which loads and stages start, for a chart over the time of a run: on each of its
 * vertical scales, with the label on the first.
 */
export function phaseMarks(run: Run, scales: readonly string[] = ['y']): object[] {
  return findPhases(run).flatMap((phase) =>
    scales.map((yScaleID, index) => ({ ...markOf(phase), yScaleID, label: index === 0 ? labelOf(phase, run) : {} })),
  );
}

function markOf({ kind, fromUs, untilUs }: Phase): object {
  const place = { xMin: fromUs / 1e6, xMax: untilUs / 1e6 };
  if (kind === 'outage')
    return { type: 'box', ...place, backgroundColor: '@failed 30%', borderWidth: 0, drawTime: 'beforeDatasetsDraw' };
  return { type: 'line', ...place, borderColor: '@soft', borderWidth: 1.5, borderDash: [4, 4] };
}

/** Beside the mark, on the side that has room. */
function labelOf({ kind, fromUs, label }: Phase, { endUs }: Run): object {
  const style = labelStyle(label);
  const isLate = fromUs > 0.7 * endUs;
  if (kind === 'outage') return { ...style, position: { x: isLate ? 'end' : 'start', y: 'start' } };
  return { ...style, position: 'end', xAdjust: (isLate ? -1 : 1) * (8 + 4.3 * label.length) };
}
