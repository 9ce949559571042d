import type { Chart, Plugin, ScriptableContext } from 'chart.js';
import { isDark, mix, type Palette } from '../palette.ts';

/**
 * One cell of a heat map. On two category axes it fills its place; otherwise it reaches from `x`, `y` to `x2`, `y2`. `shade`
 * from 0 to 1. `label` is written into it.
 */
export interface Cell {
  readonly x: number | string;
  readonly y: number | string;
  readonly x2?: number;
  readonly y2?: number;
  readonly shade: number;
  readonly label?: string;
  /** For a page that shows it under the pointer. */
  readonly text?: string;
}

/** Names the two colours of a heat map: those of `palette` that begin with it, such as `heatLow` and `heatHigh`. */
interface Shaded {
  readonly shades?: 'heat' | 'cost';
}

type CellContext = ScriptableContext<'scatter'>;

/** Defaults of a matrix dataset: its cells take place and colour from their data. */
export const CELL_DEFAULTS = {
  anchorX: (context: CellContext) => (cellOf(context)?.x2 === undefined ? 'center' : 'left'),
  anchorY: (context: CellContext) => (cellOf(context)?.y2 === undefined ? 'center' : 'bottom'),
  width: (context: CellContext) => sizeOf(context, 'x', 'width'),
  height: (context: CellContext) => sizeOf(context, 'y', 'height'),
  borderWidth: 0,
  backgroundColor: ({ chart, dataset, raw }: CellContext) => shadeOf(chart, dataset as Shaded, raw as Cell | undefined),
};

function cellOf({ raw }: CellContext): Cell | undefined {
  return raw as Cell | undefined;
}

function sizeOf(context: CellContext, axis: 'x' | 'y', along: 'width' | 'height'): number {
  const { chart } = context;
  const cell = cellOf(context);
  const scale = chart.scales[axis];
  const to = axis === 'x' ? cell?.x2 : cell?.y2;
  if (!cell || !scale) return 0;
  if (to === undefined) return (chart.chartArea?.[along] ?? 0) / scale.getLabels().length - 2;
  return Math.abs(scale.getPixelForValue(to) - scale.getPixelForValue(Number(cell[axis]))) + 0.8;
}

function shadeOf(chart: Chart, { shades = 'heat' }: Shaded, cell: Cell | undefined): string {
  const { palette } = chart.options as unknown as { palette: Palette };
  return mix(palette[`${shades}Low`], palette[`${shades}High`], cell?.shade ?? 0);
}

/** Writes the `label` of each cell at its centre. */
export const cellLabels: Plugin = {
  id: 'cellLabels',
  afterDatasetsDraw(chart) {
    const { ctx, data } = chart;
    ctx.save();
    ctx.font = `15px ${chart.options.font?.family ?? 'sans-serif'}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const [index, dataset] of data.datasets.entries()) {
      if ((dataset as { type?: string }).type !== 'matrix') continue;
      const cells = chart.getDatasetMeta(index).data as unknown as { getCenterPoint(): { x: number; y: number } }[];
      for (const [at, cell] of (dataset.data as unknown as Cell[]).entries()) {
        if (cell.label === undefined) continue;
        const { x, y } = cells[at]!.getCenterPoint();
        ctx.fillStyle = isDark(shadeOf(chart, dataset as Shaded, cell)) ? '#FFFFFF' : '#111111';
        ctx.fillText(cell.label, x, y);
      }
    }
    ctx.restore();
  },
};
