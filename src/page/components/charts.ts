import { Chart } from 'chart.js/auto';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import annotation from 'chartjs-plugin-annotation';
import zoom from 'chartjs-plugin-zoom';
import { registerCharts } from '../../report/charts/plugins/register.ts';

registerCharts({ Chart, annotation, MatrixController, MatrixElement });
Chart.register(zoom);
Chart.defaults.font.family = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

export { Chart };
