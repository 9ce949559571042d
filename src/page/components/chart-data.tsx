import { useState } from 'preact/hooks';
import type { PageChart } from '../../report/page/page-data.ts';
import { datasetsOf } from './chart-legend.tsx';
import { DataTable } from './data-table.tsx';
import { digits } from './duration.ts';

/** More rows are not read by anybody; the journal has them. */
const MAX_ROWS = 400;

/** The points of a chart as a table, made when it is opened. */
export function ChartData({ chart }: { readonly chart: PageChart }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="data" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Data of this chart</summary>
      {open && <ChartTable chart={chart} />}
    </details>
  );
}

function ChartTable({ chart }: { readonly chart: PageChart }) {
  const { x, y } = (chart.config.options?.scales ?? {}) as Record<string, { title?: { text?: string } }>;
  const rows = datasetsOf(chart.config).flatMap(({ label = '', data }) =>
    (data as readonly { x?: unknown; y?: unknown; label?: string }[])
      .filter((point) => point?.y !== null && point?.x !== null && typeof point === 'object')
      .map((point) => [label || (point.label ?? ''), cell(point.x), cell(point.y)]),
  );
  const columns = ['series', x?.title?.text ?? 'x', y?.title?.text ?? 'y'];
  const about = rows.length > MAX_ROWS ? `The first ${MAX_ROWS} of ${rows.length} points.` : undefined;
  return (
    <DataTable table={{ title: chart.title, columns, rows: rows.slice(0, MAX_ROWS), ...(about && { about }) }} bare />
  );
}

const cell = (value: unknown): string => (typeof value === 'number' ? digits(value) : String(value ?? ''));
