/** Whether everything holds at a value; `sure` asks every seed, else one. */
export type Holds = (value: number, sure: boolean) => Promise<boolean>;

export interface EdgeSearch {
  readonly start: number;
  /** Nothing below or above is tried. */
  readonly least: number;
  readonly most: number;
  /** Whole numbers only. */
  readonly whole: boolean;
  /** How near the two sides of the edge come, as a share of the value; whole numbers come within one where they can. */
  readonly precision: number;
}

/**
 * Where holding ends. `edge`: it holds at `holds` with every seed and not at `fails`. `always`: nothing up to `upTo`
 * breaks it. `never`: not even `downTo` holds.
 */
export type Edge =
  | { readonly kind: 'edge'; readonly holds: number; readonly fails: number }
  | { readonly kind: 'always'; readonly upTo: number }
  | { readonly kind: 'never'; readonly downTo: number };

/**
 * Finds the largest value at which everything holds: doubles or halves until one holds and one does not, bisects with
 * one seed, then moves down until every seed agrees and bisects again. It takes for granted that what holds at a load
 * holds at a smaller one.
 */
export async function findEdge(holds: Holds, search: EdgeSearch): Promise<Edge> {
  const bracket = await bracketed(holds, search);
  if (bracket.kind !== 'edge') return confirmed(holds, bracket, search);
  const coarse = await bisect((value) => holds(value, false), bracket.holds, bracket.fails, search);
  const low = await surelyBelow(holds, coarse.low, search);
  if (low === undefined) return { kind: 'never', downTo: search.least };
  if (low === coarse.low) return { kind: 'edge', holds: low, fails: coarse.high };
  const fine = await bisect((value) => holds(value, true), low, coarse.low, search);
  return { kind: 'edge', holds: fine.low, fails: fine.high };
}

async function bracketed(holds: Holds, search: EdgeSearch): Promise<Edge> {
  const { least, most } = search;
  let value = rounded(Math.min(most, Math.max(least, search.start)), search);
  if (await holds(value, false)) {
    while (value < most) {
      const next = rounded(Math.min(most, value * 2), search);
      if (!(await holds(next, false))) return { kind: 'edge', holds: value, fails: next };
      value = next;
    }
    return { kind: 'always', upTo: value };
  }
  while (value > least) {
    const next = rounded(Math.max(least, value / 2), search);
    // Rounding must not keep it from coming down.
    if (next >= value) break;
    if (await holds(next, false)) return { kind: 'edge', holds: next, fails: value };
    value = next;
  }
  return { kind: 'never', downTo: value };
}

/** What one seed said of the largest value must be true for all of them. */
async function confirmed(holds: Holds, edge: Edge, search: EdgeSearch): Promise<Edge> {
  if (edge.kind !== 'always' || (await holds(edge.upTo, true))) return edge;
  const low = await surelyBelow(holds, edge.upTo, search);
  if (low === undefined) return { kind: 'never', downTo: search.least };
  const fine = await bisect((value) => holds(value, true), low, edge.upTo, search);
  return { kind: 'edge', holds: fine.low, fails: fine.high };
}

/** The nearest value at or below, in growing steps, at which every seed holds. */
async function surelyBelow(holds: Holds, from: number, search: EdgeSearch): Promise<number | undefined> {
  let value = from;
  for (let step = gap(from, search); ; step *= 2) {
    if (await holds(value, true)) return value;
    if (value <= search.least) return undefined;
    const next = rounded(Math.max(search.least, value - step), search);
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
  while (above - below > gap(below, search)) {
    const middle = rounded((below + above) / 2, search);
    if (middle <= below || middle >= above) break;
    if (await test(middle)) below = middle;
    else above = middle;
  }
  return { low: below, high: above };
}

function gap(value: number, { whole, precision }: EdgeSearch): number {
  const share = value * precision;
  return whole ? Math.max(1, Math.floor(share)) : share;
}

function rounded(value: number, { whole, least }: EdgeSearch): number {
  return whole ? Math.max(Math.ceil(least), Math.round(value)) : Number(value.toPrecision(4));
}
