import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ChartSpec } from './charts/chart-spec.ts';
import { LIGHT } from './charts/palette.ts';
import { type ChartParts, registerCharts } from './charts/plugins/register.ts';
import { toConfig } from './charts/plugins/to-config.ts';

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
  return specs.map((spec) => {
    const canvas = new ChartJSNodeCanvas({
      width: spec.width,
      height: spec.height,
      backgroundColour: LIGHT.paper,
      chartCallback: (chart) => {
        chart.defaults.font.family = FONT;
        registerCharts({ Chart: chart, ...requireParts() });
      },
    });
    // The asynchronous form relies on a callback that this canvas never calls.
    return { file: spec.file, png: canvas.renderToBufferSync(toConfig(spec, LIGHT), 'image/png') };
  });
}

/** The plug-ins must use the same copy of Chart.js as the canvas, which is the CommonJS one. */
function requireParts(): Omit<ChartParts, 'Chart'> {
  const require = createRequire(import.meta.url);
  const { MatrixController, MatrixElement } = require('chartjs-chart-matrix') as typeof import('chartjs-chart-matrix');
  return { annotation: require('chartjs-plugin-annotation'), MatrixController, MatrixElement };
}

async function registerFont(): Promise<void> {
  const { GlobalFonts } = await import('@napi-rs/canvas');
  if (GlobalFonts.has(FONT)) return;
  for (const weight of [400, 700]) {
    const url = import.meta.resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`);
    GlobalFonts.registerFromPath(fileURLToPath(url), FONT);
  }
}
