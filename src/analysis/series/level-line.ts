/** A level over time: every change of it if there are few, and its lowest and highest value in each column of a drawing. */
export interface LevelLine {
  readonly lastUs: number;
  /** Undefined if there are more changes than a drawing can show. */
  points(): readonly LevelPoint[] | undefined;
  band(): readonly LevelBand[];
}

interface LevelPoint {
  readonly atUs: number;
  readonly level: number;
}

interface LevelBand {
  readonly fromUs: number;
  readonly toUs: number;
  readonly low: number;
  readonly high: number;
}

const COLUMNS = 240;
const MAX_POINTS = 1200;

/** Creates a line from 0 to `endUs`; points are added in order of time and joined by straight lines. */
export function createLevelLine(endUs: number): LevelLine & { add(atUs: number, level: number): void } {
  const widthUs = Math.max(1, endUs / COLUMNS);
  const columnOf = (atUs: number): number => Math.min(COLUMNS - 1, Math.max(0, Math.floor(atUs / widthUs)));
  const bands: ({ low: number; high: number } | undefined)[] = Array(COLUMNS).fill(undefined);
  const points: LevelPoint[] = [];
  let last: LevelPoint | undefined;
  const see = (column: number, level: number): void => {
    const band = bands[column];
    if (!band) bands[column] = { low: level, high: level };
    else {
      band.low = Math.min(band.low, level);
      band.high = Math.max(band.high, level);
    }
  };
  return {
    get lastUs() {
      return last?.atUs ?? 0;
    },
    add(atUs, level) {
      if (last?.atUs === atUs && last.level === level) return;
      const to = columnOf(atUs);
      if (last) {
        const slope = atUs > last.atUs ? (level - last.level) / (atUs - last.atUs) : 0;
        for (let column = columnOf(last.atUs) + 1; column <= to; column++) {
          const crossed = last.level + slope * (column * widthUs - last.atUs);
          see(column - 1, crossed);
          see(column, crossed);
        }
      }
      see(to, level);
      last = { atUs, level };
      if (points.length <= MAX_POINTS) points.push(last);
    },
    points: () => (points.length > MAX_POINTS ? undefined : points),
    band: () =>
      bands.flatMap((band, column) =>
        band ? [{ fromUs: column * widthUs, toUs: (column + 1) * widthUs, ...band }] : [],
      ),
  };
}
