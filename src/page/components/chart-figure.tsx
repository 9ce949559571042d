import type { ChartConfiguration } from 'chart.js';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageChart } from '../../report/page/page-data.ts';
import { pageConfig } from './chart-config.ts';
import { ChartData } from './chart-data.tsx';
import type { ChartGroup } from './chart-group.ts';
import { ChartLegend, readAt } from './chart-legend.tsx';
import { Chart } from './charts.ts';
import type { Theme } from './theme.ts';

interface ChartFigureProps {
  readonly chart: PageChart;
  readonly group: ChartGroup;
  readonly theme: Theme;
}

/** Height of a chart on the page, as a share of its picture, whose text is larger. */
const SCREEN_SHARE = 0.7;

/** One chart: its answer as heading, the picture, its legend with the values under the pointer, and its data on demand. */
export function ChartFigure({ chart, group, theme }: ChartFigureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const drawn = useRef<Chart>(undefined);
  const [pointed, point] = useState<number | undefined>(undefined);
  const [hidden, hide] = useState<ReadonlySet<number>>(new Set());
  const { file, title, subtitle, config, onRunTime, height } = chart;
  const id = file.replace(/\W+/g, '-');
  // Before the next paint: a printer does not wait.
  useLayoutEffect(() => {
    const made = new Chart(canvas.current!, withZoom(pageConfig(chart, theme), onRunTime, group));
    drawn.current = made;
    for (const index of hidden) made.setDatasetVisibility(index, false);
    if (hidden.size > 0) made.update('none');
    const onPointer = (x: number | undefined): void => {
      placeLine(made, line.current, x);
      point(x);
    };
    const leave = onRunTime ? group.add(made, onPointer) : undefined;
    const stop = onRunTime ? followPointer(made, group) : undefined;
    return () => {
      leave?.();
      stop?.();
      made.destroy();
    };
  }, [chart, theme]);
  const toggle = (index: number): void => {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    drawn.current?.setDatasetVisibility(index, !next.has(index));
    drawn.current?.update('none');
    hide(next);
  };
  return (
    <figure class="chart" id={id} aria-labelledby={`${id}-title`}>
      <figcaption>
        <h3 id={`${id}-title`}>{title}</h3>
        {subtitle && <p class="quiet">{subtitle}</p>}
      </figcaption>
      <div class="canvas" style={{ height: `${Math.round(height * SCREEN_SHARE)}px` }}>
        <canvas ref={canvas} role="img" aria-label={`Chart: ${title}`} />
        <div class="pointer" ref={line} aria-hidden="true" />
      </div>
      <ChartLegend config={config} theme={theme} hidden={hidden} onToggle={toggle} values={readAt(config, pointed)} />
      <ChartData chart={chart} />
    </figure>
  );
}

/** Zoom by dragging, by the wheel with Ctrl held, and with two fingers. */
function withZoom(config: ChartConfiguration, onRunTime: boolean, group: ChartGroup): ChartConfiguration {
  if (!onRunTime) return config;
  const onZoom = ({ chart }: { chart: Chart }): void => {
    const { min, max } = chart.scales.x!;
    group.zoom({ min, max });
  };
  const zoom = {
    limits: { x: { min: 'original' as const, max: 'original' as const } },
    pan: { enabled: true, mode: 'x' as const, modifierKey: 'shift' as const, onPanComplete: onZoom },
    zoom: {
      mode: 'x' as const,
      drag: { enabled: true, backgroundColor: 'rgba(86, 180, 233, 0.25)', threshold: 6 },
      wheel: { enabled: true, modifierKey: 'ctrl' as const },
      pinch: { enabled: true },
      onZoomComplete: onZoom,
    },
  };
  return { ...config, options: { ...config.options, plugins: { ...config.options?.plugins, zoom } } };
}

/** Tells the group which instant the pointer is at. */
function followPointer(chart: Chart, group: ChartGroup): () => void {
  const { canvas } = chart;
  const onMove = (event: MouseEvent): void => {
    const { left, right } = chart.chartArea;
    const inside = event.offsetX >= left && event.offsetX <= right;
    group.point(inside ? chart.scales.x!.getValueForPixel(event.offsetX) : undefined);
  };
  const onLeave = (): void => group.point(undefined);
  canvas.addEventListener('mousemove', onMove);
  canvas.addEventListener('mouseleave', onLeave);
  return () => {
    canvas.removeEventListener('mousemove', onMove);
    canvas.removeEventListener('mouseleave', onLeave);
  };
}

function placeLine(chart: Chart, line: HTMLDivElement | null, x: number | undefined): void {
  if (!line) return;
  const { top, bottom, left, right } = chart.chartArea;
  const at = x === undefined ? Number.NaN : chart.scales.x!.getPixelForValue(x);
  const shown = at >= left && at <= right;
  line.style.display = shown ? 'block' : 'none';
  if (!shown) return;
  line.style.transform = `translate(${at}px, ${top}px)`;
  line.style.height = `${bottom - top}px`;
}
