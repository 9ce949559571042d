import type { Chart, Plugin } from 'chart.js';

/** Of a dataset: the text beside the last point of its line, and what else of it is needed. */
interface Labelled {
  readonly endLabel?: string;
  readonly borderColor?: string;
  readonly labelColor?: string;
}

interface EndLabel {
  readonly lines: readonly string[];
  readonly colour: string;
  readonly atY: number;
  /** Where the text stands, moved so that no two overlap. */
  y: number;
}

const SIZE = 15;
const LINE_HEIGHT = 18;
const GAP = 12;

/** Writes the `endLabel` of each dataset to the right of its line, in its colour, and makes room for the longest. */
export const endLabels: Plugin = {
  id: 'endLabels',
  beforeLayout(chart) {
    const texts = visible(chart).flatMap(({ endLabel }) => endLabel.split('\n'));
    if (texts.length === 0) return;
    chart.ctx.save();
    chart.ctx.font = fontOf(chart);
    const widest = texts.reduce((most, text) => Math.max(most, chart.ctx.measureText(text).width), 0);
    chart.ctx.restore();
    const padding = chart.options.layout?.padding as object;
    chart.options.layout = { ...chart.options.layout, padding: { ...padding, right: widest + GAP + 10 } };
  },
  afterDatasetsDraw(chart) {
    const labels = spread(
      visible(chart).flatMap((dataset) => placeOf(chart, dataset)),
      chart.chartArea,
    );
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = fontOf(chart);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    for (const { lines, colour, atY, y } of labels) {
      ctx.fillStyle = colour;
      ctx.strokeStyle = colour;
      ctx.beginPath();
      ctx.moveTo(chartArea.right + 1, atY);
      ctx.lineTo(chartArea.right + GAP - 4, y);
      ctx.stroke();
      for (const [index, text] of lines.entries())
        ctx.fillText(text, chartArea.right + GAP, y + (index - (lines.length - 1) / 2) * LINE_HEIGHT);
    }
    ctx.restore();
  },
};

const fontOf = (chart: Chart): string => `${SIZE}px ${chart.options.font?.family ?? 'sans-serif'}`;

type Visible = Labelled & { readonly endLabel: string; readonly index: number; readonly yAxisID?: string };

function visible(chart: Chart): Visible[] {
  return chart.data.datasets.flatMap((dataset, index) => {
    const { endLabel } = dataset as unknown as Labelled;
    return !endLabel || !chart.isDatasetVisible(index) ? [] : [{ ...(dataset as unknown as Visible), endLabel, index }];
  });
}

/** Returns the label at the last point that has a place on the drawing. */
function placeOf(chart: Chart, { endLabel, index, borderColor, labelColor }: Visible): EndLabel[] {
  const { data, yScale } = chart.getDatasetMeta(index);
  const last = data.findLast(({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && x <= chart.chartArea.right + 1);
  if (!last || !yScale) return [];
  const atY = Math.min(yScale.bottom, Math.max(yScale.top, last.y));
  return [{ lines: endLabel.split('\n'), colour: labelColor ?? borderColor ?? 'black', atY, y: atY }];
}

/** Moves labels apart, downwards first, then up again from the lower edge. */
function spread(labels: EndLabel[], { top, bottom }: { top: number; bottom: number }): EndLabel[] {
  const sorted = labels.sort((a, b) => a.atY - b.atY);
  const half = ({ lines }: EndLabel): number => (lines.length * LINE_HEIGHT) / 2;
  let edge = top - LINE_HEIGHT / 2;
  for (const label of sorted) {
    label.y = Math.max(label.y, edge + half(label));
    edge = label.y + half(label);
  }
  edge = bottom + LINE_HEIGHT;
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, edge - half(label));
    edge = label.y - half(label);
  }
  return sorted;
}
