import { parseArgs } from 'node:util';

/** Something that goes wrong at random instants, and what it is done to, by name. */
export interface Fire {
  readonly title: string;
  readonly targets: Readonly<Record<string, Target>>;
}

/** Tries one instant: a share of the time or space of a whole run, from 0 to 1. */
export type Target = (share: number) => Promise<Outcome>;

export interface Outcome {
  /** What did not hold, as sentences. */
  readonly problems: readonly string[];
  /** Whether the instant lay within the run, not before or after it. */
  readonly hit: boolean;
  /** Attempts that had to be readable, and those that were. */
  readonly expected: number;
  readonly found: number;
}

export interface FireOptions {
  /** Instants for each target. */
  readonly count: number;
  readonly seed: number;
  /** Names of targets; none: all. */
  readonly only?: readonly string[];
}

/** A target and what happened to it at each instant. */
export interface TargetOutcomes {
  readonly target: string;
  readonly outcomes: readonly Outcome[];
}

/** Tries `count` instants on each target, one after the other. */
export async function runFire(
  { targets }: Fire,
  { count, seed, only = [] }: FireOptions,
  onOutcome: (target: string, share: number, outcome: Outcome) => void = () => undefined,
): Promise<TargetOutcomes[]> {
  const all: TargetOutcomes[] = [];
  for (const [index, [name, target]] of Object.entries(targets).entries()) {
    if (only.length > 0 && !only.includes(name)) continue;
    const outcomes: Outcome[] = [];
    for (const share of drawShares(count, seed + index)) {
      const outcome = await target(share);
      onOutcome(name, share, outcome);
      outcomes.push(outcome);
    }
    all.push({ target: name, outcomes });
  }
  return all;
}

/** Returns one share at random within each of `count` equal parts of 0 to 1. */
export function drawShares(count: number, seed: number): number[] {
  let state = seed;
  // The minimal standard generator of Park and Miller.
  const next = (): number => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  next();
  return Array.from({ length: count }, (_, part) => (part + next()) / count);
}

/**
 * Runs a fire with flags of the command line, `--count`, `--seed` and `--only`. Prints each problem as it occurs, then a table.
 * Returns whether everything held.
 */
export async function printFire(fire: Fire, flags: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: flags,
    options: {
      count: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const options = { count: Number(values.count), seed: Number(values.seed), only: values.only };
  const all = await runFire(fire, options, (target, share, { problems }) => {
    for (const problem of problems) console.log(`${target} at ${share.toFixed(4)}: ${problem}`);
  });
  console.log(`${fire.title}: ${options.count} instants each, seed ${options.seed}`);
  for (const { target, outcomes } of all) console.log(`  ${target.padEnd(15)} ${formatOutcomes(outcomes)}`);
  return all.every(({ outcomes }) => outcomes.every(({ problems }) => problems.length === 0));
}

function formatOutcomes(outcomes: readonly Outcome[]): string {
  const total = (of: (outcome: Outcome) => number): number => outcomes.reduce((sum, one) => sum + of(one), 0);
  const failed = total(({ problems }) => Number(problems.length > 0));
  const hits = total(({ hit }) => Number(hit));
  const found = `${total((one) => one.found)} attempts readable of at least ${total((one) => one.expected)}`;
  return `${outcomes.length - failed} held, ${failed} did not; ${hits} within the run; ${found}`;
}
