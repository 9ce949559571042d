import type { ChartConfiguration } from 'chart.js';
import { paint } from '../../report/charts/palette.ts';
import { PALETTES } from './chart-config.ts';
import { digits } from './duration.ts';
import type { Theme } from './theme.ts';

interface Dataset {
  readonly label?: string;
  readonly showLine?: boolean;
  readonly hidden?: boolean;
  readonly borderColor?: unknown;
  readonly backgroundColor?: unknown;
  readonly borderDash?: readonly number[];
  readonly pointStyle?: string;
  readonly data: readonly unknown[];
}

export function datasetsOf(config: ChartConfiguration): readonly Dataset[] {
  return config.data.datasets as unknown as readonly Dataset[];
}

interface ChartLegendProps {
  readonly config: ChartConfiguration;
  readonly theme: Theme;
  readonly hidden: ReadonlySet<number>;
  readonly onToggle: (index: number) => void;
  /** The value of each dataset under the pointer. */
  readonly values: readonly (number | undefined)[];
}

/** The names of a chart's lines and marks, each a button that hides its own. */
export function ChartLegend({ config, theme, hidden, onToggle, values }: ChartLegendProps) {
  const named = datasetsOf(config).flatMap((dataset, index) => (dataset.label ? [{ dataset, index }] : []));
  if (named.length === 0) return null;
  return (
    <ul class="legend">
      {named.map(({ dataset, index }) => (
        <li key={index}>
          <button type="button" aria-pressed={!hidden.has(index)} onClick={() => onToggle(index)}>
            <Swatch dataset={dataset} theme={theme} />
            {dataset.label}
            {values[index] !== undefined && <b> {digits(values[index])}</b>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Swatch({ dataset, theme }: { readonly dataset: Dataset; readonly theme: Theme }) {
  const { borderColor, backgroundColor, showLine, borderDash, pointStyle } = dataset;
  const colour = [borderColor, backgroundColor].find((value) => typeof value === 'string') as string | undefined;
  if (colour === undefined) return null;
  const { color: shown } = paint({ color: colour }, PALETTES[theme]);
  if (!showLine) {
    const cross = pointStyle === 'crossRot';
    return (
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {cross ? (
          <path d="M2 2 10 10M10 2 2 10" stroke={shown} stroke-width="2" />
        ) : (
          <circle cx="6" cy="6" r="4" fill={shown} />
        )}
      </svg>
    );
  }
  return (
    <svg viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">
      <path d="M0 6H22" stroke={shown} stroke-width="3" {...(borderDash && { 'stroke-dasharray': '6 3' })} />
    </svg>
  );
}

/** Returns the value of each line at `x`: that of its nearest point. Marks have none. */
export function readAt(config: ChartConfiguration, x: number | undefined): (number | undefined)[] {
  return datasetsOf(config).map(({ showLine, data }) => {
    if (x === undefined || !showLine) return undefined;
    let [nearest, distance] = [undefined as number | undefined, Infinity];
    for (const point of data as readonly { x: number | null; y: number | null }[]) {
      if (typeof point?.x !== 'number' || typeof point.y !== 'number') continue;
      const away = Math.abs(point.x - x);
      if (away < distance) [nearest, distance] = [point.y, away];
    }
    return nearest;
  });
}
