import { fileURLToPath } from 'node:url';
import type { Plugin } from 'chart.js';
import type { ChartSpec } from './charts/chart-spec.ts';
import { LIGHT } from './charts/palette.ts';
import { registerCharts } from './charts/plugins/register.ts';
import { toConfig } from './charts/plugins/to-config.ts';

const FONT = 'QuotaLab Sans';

export interface Drawing {
  readonly file: string;
  readonly png: Uint8Array;
}

/**
 * Draws charts as PNG. Chart.js and the canvas are imported lazily, since most commands draw nothing. The font ships with the
 * package, so that a machine without fonts draws the same picture.
 */
export async function drawCharts(specs: readonly ChartSpec[]): Promise<Drawing[]> {
  if (specs.length === 0) return [];
  const { createCanvas } = await import('@napi-rs/canvas');
  const Chart = await loadChart();
  await registerFont();
  return specs.map((spec) => {
    const canvas = createCanvas(spec.width, spec.height);
    const { plugins = [], ...config } = toConfig(spec, LIGHT);
    const chart = new Chart(canvas as never, { ...config, plugins: [...plugins, paper] });
    const png = canvas.toBuffer('image/png');
    chart.destroy();
    return { file: spec.file, png };
  });
}

async function loadChart(): Promise<typeof import('chart.js/auto').default> {
  const { default: Chart } = await import('chart.js/auto');
  const { default: annotation } = await import('chartjs-plugin-annotation');
  const { MatrixController, MatrixElement } = await import('chartjs-chart-matrix');
  registerCharts({ Chart, annotation, MatrixController, MatrixElement });
  Chart.defaults.font.family = FONT;
  return Chart;
}

/** Without it, the canvas is transparent. */
const paper: Plugin = {
  id: 'paper',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.fillStyle = LIGHT.paper;
    ctx.fillRect(0, 0, width, height);
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
