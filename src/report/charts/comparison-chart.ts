import type { Run } from '../../analysis/run/run-view.ts';
import { commonBins, computeCourse } from '../../analysis/series/course.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import { type ChartSpec, chart, elapsedAxis, namedLine } from './chart-spec.ts';
import { COURSE_PANELS, coursePoints, courseScales } from './course-panels.ts';
import { phaseMarks } from './phase-marks.ts';
import { percentText, shareOf, short } from './words.ts';

/** Returns the chart of two runs over each other: requests, failed calls and durations, before and after. */
export function comparisonChart(before: Run, after: Run): ChartSpec {
  const bins = commonBins([before, after]);
  const courses = [before, after].map((run) => computeCourse(run, bins));
  const { y, ...axes } = courseScales(courses) as { y: object };
  const endUs = largest([before.endUs, after.endUs]);
  return chart({
    file: 'compare.png',
    title: titleOf(before, after),
    subtitle: `${after.header.scenario.name}, seed ${after.header.seed}. Dashed: before. Solid: after.`,
    x: elapsedAxis(endUs),
    y,
    axes,
    annotations: phaseMarks(after, ['sent', 'failed', 'y']),
    datasets: COURSE_PANELS.flatMap(({ id, of }) => [
      namedLine('after', coursePoints(courses[1]!.map(of), bins), '@offered', { yAxisID: id, spanGaps: true }),
      namedLine('before', coursePoints(courses[0]!.map(of), bins), '@before', {
        yAxisID: id,
        spanGaps: true,
        borderDash: [6, 4],
        borderWidth: 2,
      }),
    ]),
    height: 720,
  });
}

function titleOf(before: Run, after: Run): string {
  const [was, is] = [failedShare(before), failedShare(after)];
  const perCall = after.calls.length === 0 ? Number.NaN : after.attempts.length / after.calls.length;
  const perCallBefore = before.calls.length === 0 ? Number.NaN : before.attempts.length / before.calls.length;
  const failing = `${shareOf(is, 'call', 'calls')} ${is === 0 ? 'fails' : 'fail'}, before: ${was === 0 ? 'none' : percentText(was)}`;
  if (!(perCall > 0 && perCallBefore > 0)) return failing;
  return `${failing}; ${short(perCall)} ${short(perCall) === '1' ? 'request' : 'requests'} per call, before: ${short(perCallBefore)}`;
}

function failedShare({ calls }: Run): number {
  const ended = calls.filter(({ result }) => result !== 'open');
  return ended.length === 0 ? 0 : ended.filter(({ result }) => result === 'error').length / ended.length;
}
