import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageChart } from '../../report/page/page-data.ts';
import { ChartFigure } from './chart-figure.tsx';
import { createChartGroup } from './chart-group.ts';
import type { Theme } from './theme.ts';

interface ChartBoardProps {
  readonly charts: readonly PageChart[];
  /** What stands in place of charts that would show nothing. */
  readonly leftOut: readonly string[];
  readonly theme: Theme;
}

/** The charts of a run. Those over the time of the run zoom together, and show the same instant. */
export function ChartBoard({ charts, leftOut, theme }: ChartBoardProps) {
  const group = useMemo(createChartGroup, []);
  const [zoomed, setZoomed] = useState(false);
  useEffect(() => group.onZoom((range) => setZoomed(range !== undefined)), [group]);
  const timed = charts.filter(({ onRunTime }) => onRunTime).length;
  return (
    <>
      {timed > 1 && (
        <p class="quiet hint">
          Drag across a chart to zoom: the {timed} charts over time follow. Hold Shift to move, Ctrl with the wheel to
          zoom.{' '}
          <button type="button" disabled={!zoomed} onClick={() => group.zoom(undefined)}>
            Show the whole run
          </button>
        </p>
      )}
      <div class="charts">
        {charts.map((chart) => (
          <ChartFigure key={chart.file} chart={chart} group={group} theme={theme} />
        ))}
      </div>
      {leftOut.map((sentence) => (
        <p key={sentence} class="quiet">
          {sentence}
        </p>
      ))}
    </>
  );
}
