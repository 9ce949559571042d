import { fileURLToPath } from 'node:url';
import type { ChartSpec } from './charts/chart-spec.ts';

const FONT = 'QuotaLab Sans';

export interface Drawing {
  readonly file: string;
  readonly png: Uint8Array;
}

/**
 * Draws charts as PNG. The canvas is loaded here and not before, since most commands never draw; the font comes with
 * the package, so that a machine without fonts draws the same picture.
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
      },
    });
    // The asynchronous form wants a callback that this canvas does not call.
    return { file, png: canvas.renderToBufferSync(config, 'image/png') };
  });
}

async function registerFont(): Promise<void> {
  const { GlobalFonts } = await import('@napi-rs/canvas');
  if (GlobalFonts.has(FONT)) return;
  for (const weight of [400, 700]) {
    const url = import.meta.resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`);
    GlobalFonts.registerFromPath(fileURLToPath(url), FONT);
  }
}
