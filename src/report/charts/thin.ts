/** More marks than this cannot be told apart on the drawing. */
const COLUMNS = 600;
const ROWS = 300;

/** Keeps one mark for each place on the drawing: thousands on top of each other look the same and take long to draw. */
export function thinMarks<Mark extends { readonly x: number; readonly y: number }>(points: readonly Mark[]): Mark[] {
  if (points.length < COLUMNS) return [...points];
  const column = placer(...rangeOf(points, ({ x }) => x), COLUMNS);
  const row = placer(...rangeOf(points, ({ y }) => y), ROWS);
  const kept = new Map<number, Mark>();
  for (const point of points) {
    const place = column(point.x) * ROWS + row(point.y);
    if (!kept.has(place)) kept.set(place, point);
  }
  return [...kept.values()];
}

/** A line that is drawn from left to right, point by point, of which no more is kept than the drawing shows. */
export interface ThinLine {
  add(x: number, y: number): void;
  /** The first, lowest, highest and last point of each column; all of them where they are few. */
  points(): Place[];
  /** Whether it goes up and down so often that it would be drawn as an area: a seventh of its scale in most columns. */
  isSolid(scale: number): boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Column {
  readonly first: Numbered;
  low: Numbered;
  high: Numbered;
  last: Numbered;
}

type Numbered = Place & { readonly n: number };

/** A line whose points lie between two values of x. */
export function createThinLine(lowX: number, highX: number): ThinLine {
  const columnOf = placer(lowX, highX, COLUMNS);
  const columns = new Map<number, Column>();
  const all: Place[] = [];
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

/** Into which of `count` equal parts of a range a value falls. */
function placer(low: number, high: number, count: number): (value: number) => number {
  const step = (high - low) / count || 1;
  return (value) => Math.min(count - 1, Math.floor((value - low) / step));
}
