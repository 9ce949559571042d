import type { Chart } from 'chart.js';

/** What the charts on the time axis of the run share: the range shown, and the instant under the pointer. */
export interface ChartGroup {
  add(chart: Chart, onPointer: (x: number | undefined) => void): () => void;
  /** Shows this range in all charts; undefined shows the whole run. */
  zoom(range: Range | undefined): void;
  point(x: number | undefined): void;
  /** Calls back when the range has changed. */
  onZoom(listener: (range: Range | undefined) => void): () => void;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

interface Member {
  readonly chart: Chart;
  readonly whole: Range;
  readonly onPointer: (x: number | undefined) => void;
}

export function createChartGroup(): ChartGroup {
  const members = new Set<Member>();
  const listeners = new Set<(range: Range | undefined) => void>();
  let shown: Range | undefined;
  const apply = ({ chart, whole }: Member): void => {
    Object.assign(chart.scales.x!.options, shown ?? whole);
    chart.update('none');
  };
  return {
    add(chart, onPointer) {
      const { min, max } = chart.scales.x!;
      const member = { chart, whole: { min, max }, onPointer };
      members.add(member);
      if (shown) apply(member);
      return () => members.delete(member);
    },
    zoom(range) {
      shown = range;
      for (const member of members) apply(member);
      for (const listener of listeners) listener(range);
    },
    point(x) {
      for (const { onPointer } of members) onPointer(x);
    },
    onZoom(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
