import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Chart, Plugin } from 'chart.js';
import type { ChartSpec } from './charts/chart-spec.ts';

const FONT = 'QuotaLab Sans';

export interface Drawing {
  readonly file: string;
  readonly png: Uint8Array;
}

/**
 * Draws charts as PNG. The canvas is imported lazily, since most commands draw nothing. The font ships with the package, so
 * that a machine without fonts draws the same picture.
 */
export async function drawCharts(specs: readonly ChartSpec[]): Promise<Drawing[]> {
  const { ChartJSNodeCanvas } = await import('chartjs-node-canvas');
  await registerFont();
  return specs.map(({ file, width, height, config }) => {
    const canvas = new ChartJSNodeCanvas({
      width,
      height,
      backgroundColour: '#FFFFFF',
      chartCallback: (chart) => {
        chart.defaults.font.family = FONT;
        if (config.type === ('matrix' as string)) prepareMatrix(chart);
      },
    });
    // The asynchronous form relies on a callback that this canvas never calls.
    return { file, png: canvas.renderToBufferSync(config, 'image/png') };
  });
}

/**
 * Registers the matrix chart: cells fill the space between their neighbours, with a label in each. The plug-in must use the
 * same copy of Chart.js as the canvas, which is the CommonJS one.
 */
function prepareMatrix(chart: typeof Chart): void {
  const { MatrixController, MatrixElement } = createRequire(import.meta.url)('chartjs-chart-matrix') as Matrix;
  chart.register(MatrixController, MatrixElement, cellLabels);
  const size =
    (axis: 'x' | 'y', along: 'width' | 'height') =>
    ({ chart: drawn }: { chart: Chart }) =>
      (drawn.chartArea?.[along] ?? 0) / drawn.scales[axis]!.getLabels().length - 2;
  chart.defaults.set('datasets.matrix', { width: size('x', 'width'), height: size('y', 'height') });
}

interface Matrix {
  readonly MatrixController: typeof import('chartjs-chart-matrix').MatrixController;
  readonly MatrixElement: typeof import('chartjs-chart-matrix').MatrixElement;
}

/** Draws the `label` of each cell at its centre. */
const cellLabels: Plugin = {
  id: 'cellLabels',
  afterDatasetsDraw(drawn) {
    const { ctx, data } = drawn;
    const cells = drawn.getDatasetMeta(0).data as unknown as { getCenterPoint(): { x: number; y: number } }[];
    ctx.save();
    ctx.font = `15px ${FONT}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = '#111111';
    for (const [index, { label }] of (data.datasets[0]!.data as unknown as { label: string }[]).entries()) {
      const { x, y } = cells[index]!.getCenterPoint();
      ctx.fillText(label, x, y);
    }
    ctx.restore();
  },
};

async function registerFont(): Promise<void> {
  const { GlobalFonts } = await import('@napi-rs/canvas');
  if (GlobalFonts.has(FONT)) return;
  for (const weight of [400, 700]) {
    const url = import.meta.resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`);
    GlobalFonts.registerFromPath(fileURLToPath(url), FONT);
  }
}
