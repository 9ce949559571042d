import type { Run } from '../../analysis/run/run-view.ts';

/**
 * Returns when a run started, as its spans show it, in microseconds since the Unix epoch. In wall time that is when it did. The clock
 * of every other run is its own: it is moved so that the run ends at `nowUs`, where dashboards look.
 */
export function shownStartUs({ header, endUs }: Pick<Run, 'header' | 'endUs'>, nowUs: number): number {
  return header.time === 'wall' ? header.generated.startedUs : nowUs - endUs;
}
