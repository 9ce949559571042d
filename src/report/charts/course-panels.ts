import type { CoursePoint } from '../../analysis/series/course.ts';
import type { TimeBins } from '../../analysis/series/time-bins.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import type { Point } from './chart-spec.ts';

/** One panel of a chart that compares runs: what it shows, and on which scale. */
export interface CoursePanel {
  readonly id: string;
  readonly title: string;
  of(point: CoursePoint): number;
  readonly scale: object;
}

/** Panels one above the other, the last on top: Chart.js stacks vertical axes from below. */
export const COURSE_PANELS: readonly CoursePanel[] = [
  {
    id: 'y',
    title: 'p(95) of calls',
    of: ({ p95Us }) => p95Us / 1e6,
    scale: { type: 'linear', format: 'duration', min: 0 },
  },
  {
    id: 'failed',
    title: 'calls that fail',
    of: ({ failed }) => 100 * failed,
    // With room above 100 %, so that its mark stays clear of the panel above.
    scale: { type: 'linear', format: 'percent', min: 0, max: 115 },
  },
  {
    id: 'sent',
    title: 'requests per second',
    of: ({ sent }) => sent,
    scale: { type: 'linear', min: 0 },
  },
];

/** Returns the scales of all panels; `courses` are those that must fit. */
export function courseScales(courses: readonly (readonly CoursePoint[])[]): Record<string, object> {
  return Object.fromEntries(
    COURSE_PANELS.map(({ id, title, of, scale }, index) => {
      const most = largest(courses.flat().map(of).filter(Number.isFinite));
      return [
        id,
        {
          max: most > 0 ? most * 1.15 : 1,
          ...scale,
          title,
          ticks: { maxTicksLimit: 5, includeBounds: false },
          stack: 'course',
          stackWeight: 1,
          weight: index,
        },
      ];
    }),
  );
}

/** Returns the points of one panel in the middle of their bins. */
export function coursePoints(values: readonly number[], bins: TimeBins): Point[] {
  return values.map((y, index) => ({ x: bins.startS(index) + bins.lengthS / 2, y }));
}
