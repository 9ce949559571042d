import { loadKind } from '../../load/load-kind.ts';
import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import type { Dimension } from '../../plan/vary.ts';
import { type ChartSpec, chart, line } from './chart-spec.ts';
import { amountText, settingName } from './load-words.ts';

/**
 * Returns the largest load up to which every goal holds with all seeds, and nothing below it fails; undefined if none does.
 */
export function fitting(rows: readonly SweepRow[], load: Dimension): SweepRow | undefined {
  const groups = Map.groupBy(rows, ({ point }) => JSON.stringify({ ...point, [load.path]: '' }));
  const largest = [...groups.values()].flatMap((own) => {
    const sorted = own.toSorted((a, b) => loadOf(a, load) - loadOf(b, load));
    const failing = sorted.findIndex(({ held, seeds }) => held < seeds);
    const last = failing === -1 ? sorted.at(-1) : sorted[failing - 1];
    return last ? [last] : [];
  });
  return largest.toSorted((a, b) => loadOf(b, load) - loadOf(a, load))[0];
}

const loadOf = ({ point }: SweepRow, { path }: Dimension): number => Number.parseFloat(point[path]!);

/** Returns how much load fits for each value of the other setting; undefined unless one of two dimensions is the load. */
export function capacityChart(name: string, { dimensions, rows, best }: Sweep): ChartSpec | undefined {
  const load = dimensions.find(({ path }) => loadKind(path) !== undefined);
  const setting = dimensions.find((dimension) => dimension !== load);
  if (!load || !setting || loadKind(setting.path) !== undefined) return undefined;
  const points = setting.values.map((value) => {
    const own = rows.filter(({ point }) => point[setting.path] === value);
    const most = fitting(own, load);
    return { x: value, y: most ? loadOf(most, load) : 0 };
  });
  const [low, high] = [points[0]!, points.at(-1)!];
  const amount = (y: number): string => (y === 0 ? 'none' : amountText(load.path, String(y)));
  const top = Math.max(...load.values.map((value) => Number.parseFloat(value)));
  const capped = points.some(({ y }) => y === top);
  return chart({
    file: 'capacity.png',
    title: `${settingName(setting.path)} ${low.x} fits ${amount(low.y)}, ${high.x} fits ${amount(high.y)}${capped ? ' or more' : ''}`,
    subtitle: `${name}: the largest load at which every goal holds with all of ${best.seeds} seeds${capped ? `; more than ${top} was not tried` : ''}.`,
    x: { type: 'category', title: settingName(setting.path), labels: setting.values, offset: true },
    y: { type: 'linear', title: `${settingName(load.path)} that fit`, beginAtZero: true, suggestedMax: top },
    datasets: [
      line('fits', points as never, '@admitted', {
        pointRadius: 6,
        pointStyle: 'circle',
        clip: 8,
        fill: 'origin',
        backgroundColor: '@admitted 20%',
        endLabel: 'fits',
      }),
    ],
  });
}
