import type { Run } from '../../analysis/run/run-view.ts';
import { commonBins, computeCourse } from '../../analysis/series/course.ts';
import { largest, smallest } from '../../analysis/statistics/extremes.ts';
import { median } from '../../analysis/statistics/percentile.ts';
import { type ChartSpec, chart, elapsedAxis, line, namedLine } from './chart-spec.ts';
import { COURSE_PANELS, coursePoints, courseScales } from './course-panels.ts';
import { phaseMarks } from './phase-marks.ts';
import { percentText } from './words.ts';

/** Returns the chart of several seeds of one scenario: the median, in a band from the lowest to the highest. */
export function seedsChart(runs: readonly Run[]): ChartSpec {
  const bins = commonBins(runs);
  const courses = runs.map((run) => computeCourse(run, bins));
  const { y, ...axes } = courseScales(courses) as { y: object };
  const first = runs[0]!;
  const across = (of: (typeof COURSE_PANELS)[number]['of'], choose: (values: readonly number[]) => number) =>
    coursePoints(
      Array.from({ length: bins.count }, (_, index) => {
        const values = courses.map((course) => of(course[index]!)).filter(Number.isFinite);
        return values.length === 0 ? Number.NaN : choose(values);
      }),
      bins,
    );
  return chart({
    file: 'seeds.png',
    title: titleOf(runs),
    subtitle: `${first.header.scenario.name}: the line is the median of the seeds, the band reaches from the lowest to the highest.`,
    x: elapsedAxis(largest(runs.map(({ endUs }) => endUs))),
    y,
    axes,
    annotations: phaseMarks(first, ['sent', 'failed', 'y']),
    datasets: COURSE_PANELS.flatMap(({ id, of }) => {
      const edge = { yAxisID: id, borderWidth: 0, spanGaps: true };
      return [
        namedLine('median', across(of, median), '@offered', { yAxisID: id, spanGaps: true }),
        {
          ...line('highest', across(of, largest), '@offered', { ...edge, backgroundColor: '@offered 25%', fill: '+1' }),
          ...UNLISTED,
        },
        { ...line('lowest', across(of, smallest), '@offered', edge), ...UNLISTED },
      ];
    }),
    height: 720,
  });
}

/** Datasets that the subtitle explains have no place in the legend. */
const UNLISTED = { endLabel: '' };

function titleOf(runs: readonly Run[]): string {
  const shares = runs.map(({ calls }) => {
    const ended = calls.filter(({ result }) => result !== 'open');
    return ended.length === 0 ? 0 : ended.filter(({ result }) => result === 'error').length / ended.length;
  });
  const [low, high] = [percentText(smallest(shares)), percentText(largest(shares))];
  const seeds = `${runs.length} seeds`;
  if (largest(shares) === 0) return `With ${seeds}, no call fails`;
  return low === high
    ? `With each of ${seeds}, ${low} of calls fail`
    : `With ${seeds}, ${low} to ${high} of calls fail`;
}
