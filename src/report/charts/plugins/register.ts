import type { Chart, ChartComponentLike } from 'chart.js';
import { CELL_DEFAULTS, cellLabels } from './cells.ts';
import { endLabels } from './end-labels.ts';

/** What the charts are drawn with: one copy of Chart.js, and parts that were built on the same copy. */
export interface ChartParts {
  readonly Chart: typeof Chart;
  /** The plug-in of chartjs-plugin-annotation. */
  readonly annotation: ChartComponentLike;
  /** Those of chartjs-chart-matrix. */
  readonly MatrixController: ChartComponentLike;
  readonly MatrixElement: ChartComponentLike;
}

/** Registers everything that specs of charts refer to by name. Chart.js itself must have its own parts (`chart.js/auto`). */
export function registerCharts({ Chart: library, annotation, MatrixController, MatrixElement }: ChartParts): void {
  library.register(MatrixController, MatrixElement, annotation, endLabels, cellLabels);
  library.defaults.set('datasets.matrix', CELL_DEFAULTS);
}
