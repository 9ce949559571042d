import type { Point } from './chart-spec.ts';

/** More marks than this cannot be told apart on the drawing. */
const COLUMNS = 600;
const ROWS = 300;

/** Keeps one mark for each place on the drawing: thousands on top of each other look the same and take long to draw. */
export function thinMarks<Mark extends { readonly x: number; readonly y: number }>(points: readonly Mark[]): Mark[] {
  if (points.length < COLUMNS) return [...points];
  const column = placer(
    points.map(({ x }) => x),
    COLUMNS,
  );
  const row = placer(
    points.map(({ y }) => y),
    ROWS,
  );
  const kept = new Map<number, Mark>();
  for (const point of points) {
    const place = column(point.x) * ROWS + row(point.y);
    if (!kept.has(place)) kept.set(place, point);
  }
  return [...kept.values()];
}

/** Keeps the first, lowest, highest and last point of each column of a line that runs from left to right. */
export function thinLine(points: readonly { readonly x: number; readonly y: number }[]): Point[] {
  if (points.length < 4 * COLUMNS) return [...points];
  const column = placer(
    points.map(({ x }) => x),
    COLUMNS,
  );
  return [...Map.groupBy(points, ({ x }) => column(x)).values()].flatMap((inColumn) => {
    const byHeight = inColumn.toSorted((a, b) => a.y - b.y);
    const kept = new Set([inColumn[0]!, byHeight[0]!, byHeight.at(-1)!, inColumn.at(-1)!]);
    return inColumn.filter((point) => kept.has(point));
  });
}

/** Whether a line goes up and down so often that it would be drawn as an area: a seventh of its scale in most columns. */
export function isSolid(points: readonly { readonly x: number; readonly y: number }[], scale: number): boolean {
  if (points.length < 4 * COLUMNS) return false;
  const column = placer(
    points.map(({ x }) => x),
    COLUMNS,
  );
  const columns = [...Map.groupBy(points, ({ x }) => column(x)).values()].map((inColumn) => {
    const heights = inColumn.map(({ y }) => y);
    return Math.max(...heights) - Math.min(...heights);
  });
  return columns.filter((height) => height > scale / 7).length > columns.length / 2;
}

/** Into which of `count` equal parts of its range a value falls. */
function placer(values: readonly number[], count: number): (value: number) => number {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const step = (high - low) / count || 1;
  return (value) => Math.min(count - 1, Math.floor((value - low) / step));
}
