/** Returns whether every goal holds at a value. `sure`: with every seed, not just the first. */
export type HoldsAt = (value: number, sure: boolean) => Promise<boolean>;

export interface EdgeSearch {
  readonly start: number;
  /** The range of values to try. */
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole: boolean;
  /** Maximum distance between the two sides of the edge, as a share of the value; at least 1 for whole numbers. */
  readonly precision: number;
}

/**
 * The result of a search. `edge`: every goal holds at `holds` with every seed, but not at `fails`. `always`: every goal holds
 * up to `upTo`. `never`: a goal fails even at `downTo`.
 */
export type Edge =
  | { readonly kind: 'edge'; readonly holds: number; readonly fails: number }
  | { readonly kind: 'always'; readonly upTo: number }
  | { readonly kind: 'never'; readonly downTo: number };

/**
 * Finds the largest value at which every goal holds. It doubles or halves until one value holds and the next does not,
 * bisects with one seed, then moves down until every seed holds and bisects again. It assumes that a smaller value holds if
 * a larger one does.
 */
export async function findEdge(holds: HoldsAt, search: EdgeSearch): Promise<Edge> {
  const bracket = await findBracket(holds, search);
  if (bracket.kind !== 'edge') return confirmBracket(holds, bracket, search);
  const coarse = await bisect((value) => holds(value, false), bracket.holds, bracket.fails, search);
  const low = await findSureBelow(holds, coarse.low, search);
  if (low === undefined) return { kind: 'never', downTo: search.min };
  if (low === coarse.low) return { kind: 'edge', holds: low, fails: coarse.high };
  const fine = await bisect((value) => holds(value, true), low, coarse.low, search);
  return { kind: 'edge', holds: fine.low, fails: fine.high };
}

async function findBracket(holds: HoldsAt, search: EdgeSearch): Promise<Edge> {
  const { min, max } = search;
  let value = roundTo(Math.min(max, Math.max(min, search.start)), search);
  if (await holds(value, false)) {
    while (value < max) {
      const next = roundTo(Math.min(max, value * 2), search);
      if (!(await holds(next, false))) return { kind: 'edge', holds: value, fails: next };
      value = next;
    }
    return { kind: 'always', upTo: value };
  }
  while (value > min) {
    const next = roundTo(Math.max(min, value / 2), search);
    // Rounding up would loop forever.
    if (next >= value) break;
    if (await holds(next, false)) return { kind: 'edge', holds: next, fails: value };
    value = next;
  }
  return { kind: 'never', downTo: value };
}

/** Checks `always` with every seed; otherwise searches for the edge below. */
async function confirmBracket(holds: HoldsAt, edge: Edge, search: EdgeSearch): Promise<Edge> {
  if (edge.kind !== 'always' || (await holds(edge.upTo, true))) return edge;
  const low = await findSureBelow(holds, edge.upTo, search);
  if (low === undefined) return { kind: 'never', downTo: search.min };
  const fine = await bisect((value) => holds(value, true), low, edge.upTo, search);
  return { kind: 'edge', holds: fine.low, fails: fine.high };
}

/** Returns a value at or below `from` at which every seed holds, or undefined. The steps down double. */
async function findSureBelow(holds: HoldsAt, from: number, search: EdgeSearch): Promise<number | undefined> {
  let value = from;
  for (let step = stepSize(from, search); ; step *= 2) {
    if (await holds(value, true)) return value;
    if (value <= search.min) return undefined;
    const next = roundTo(Math.max(search.min, value - step), search);
    if (next >= value) return undefined;
    value = next;
  }
}

async function bisect(
  test: (value: number) => Promise<boolean>,
  low: number,
  high: number,
  search: EdgeSearch,
): Promise<{ low: number; high: number }> {
  let [below, above] = [low, high];
  while (above - below > stepSize(below, search)) {
    const middle = roundTo((below + above) / 2, search);
    if (middle <= below || middle >= above) break;
    if (await test(middle)) below = middle;
    else above = middle;
  }
  return { low: below, high: above };
}

function stepSize(value: number, { whole, precision }: EdgeSearch): number {
  const share = value * precision;
  return whole ? Math.max(1, Math.floor(share)) : share;
}

function roundTo(value: number, { whole, min }: EdgeSearch): number {
  return whole ? Math.max(Math.ceil(min), Math.round(value)) : Number(value.toPrecision(3));
}
