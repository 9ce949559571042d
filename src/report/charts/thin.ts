/** The resolution of a drawing: marks closer than this overlap. */
const COLUMNS = 600;
const ROWS = 300;

/** Keeps one mark per cell of the drawing: thousands of overlapping marks look the same and are slow to draw. */
export function thinMarks<Mark extends { readonly x: number; readonly y: number }>(points: readonly Mark[]): Mark[] {
  if (points.length < COLUMNS) return [...points];
  const column = createBinner(...rangeOf(points, ({ x }) => x), COLUMNS);
  const row = createBinner(...rangeOf(points, ({ y }) => y), ROWS);
  const kept = new Map<number, Mark>();
  for (const point of points) {
    const place = column(point.x) * ROWS + row(point.y);
    if (!kept.has(place)) kept.set(place, point);
  }
  return [...kept.values()];
}

/** A line that is drawn from left to right and keeps only the points that the drawing can show. */
export interface ThinLine {
  add(x: number, y: number): void;
  /** Returns the first, lowest, highest and last point of each column, or all points if there are few. */
  points(): ThinPoint[];
  /** Whether the line would look like a filled area: in most columns it spans over a seventh of `scale`. */
  isSolid(scale: number): boolean;
}

interface ThinPoint {
  readonly x: number;
  readonly y: number;
}

interface Column {
  readonly first: NumberedPoint;
  low: NumberedPoint;
  high: NumberedPoint;
  last: NumberedPoint;
}

type NumberedPoint = ThinPoint & { readonly n: number };

/** Creates a line whose points lie between `lowX` and `highX`. */
export function createThinLine(lowX: number, highX: number): ThinLine {
  const columnOf = createBinner(lowX, highX, COLUMNS);
  const columns = new Map<number, Column>();
  const all: ThinPoint[] = [];
  let n = 0;
  return {
    add(x, y) {
      const point = { x, y, n: n++ };
      if (n < 4 * COLUMNS) all.push({ x, y });
      const column = columns.get(columnOf(x));
      if (!column) columns.set(columnOf(x), { first: point, low: point, high: point, last: point });
      else {
        if (y < column.low.y) column.low = point;
        if (y > column.high.y) column.high = point;
        column.last = point;
      }
    },
    points() {
      if (n < 4 * COLUMNS) return all;
      return [...columns.values()].flatMap(({ first, low, high, last }) =>
        [...new Set([first, low, high, last])].sort((a, b) => a.n - b.n).map(({ x, y }) => ({ x, y })),
      );
    },
    isSolid(scale) {
      if (n < 4 * COLUMNS) return false;
      const tall = [...columns.values()].filter(({ low, high }) => high.y - low.y > scale / 7);
      return tall.length > columns.size / 2;
    },
  };
}

function rangeOf<Item>(items: readonly Item[], of: (item: Item) => number): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const item of items) {
    low = Math.min(low, of(item));
    high = Math.max(high, of(item));
  }
  return [low, high];
}

/** Returns a function that maps a value to one of `count` equal parts of a range. */
function createBinner(low: number, high: number, count: number): (value: number) => number {
  const step = (high - low) / count || 1;
  return (value) => Math.min(count - 1, Math.floor((value - low) / step));
}
