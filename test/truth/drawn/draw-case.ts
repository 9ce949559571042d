import type { DrawnClient } from './client-value.ts';
import { type Draws, drawsFor } from './draws.ts';
import { MISTAKES, type Mistake, type MistakeName } from './mistakes.ts';
import { quiet, SITUATIONS, type Situation } from './situations.ts';
import { drawWorld, type World } from './world.ts';

type SituationName = keyof typeof SITUATIONS;

/** A drawn client in its world, and what was put into both on purpose. */
export interface DrawnCase {
  readonly seed: number;
  readonly client: DrawnClient;
  readonly world: World;
  readonly mistakes: readonly MistakeName[];
  readonly situations: readonly SituationName[];
}

/** Draws a case. A quarter of the clients have no mistake, half have one, a quarter two; each stands where its own show. */
export function drawCase(seed: number): DrawnCase {
  const draws = drawsFor(seed);
  const { mistakes, situations } = drawMistakes(draws);
  let world = drawWorld(draws);
  let client = drawFaultless(draws);
  if (situations.every((name) => (SITUATIONS[name] as Situation).strikes)) world = quiet(world, draws);
  // Faults strike what the others have made.
  for (const name of [...situations].sort(strikesLast)) world = (SITUATIONS[name] as Situation).arise(world, draws);
  client = withGate(client, world, draws, mistakes.length === 0 ? 0.5 : 0.1);
  for (const name of situations) client = (SITUATIONS[name] as Situation).meets?.(client, world) ?? client;
  for (const name of mistakes) client = (MISTAKES[name] as Mistake).make(client, draws, world);
  return { seed, client, world, mistakes, situations };
}

/** A client without fault: each part within the range that nothing should speak about. */
function drawFaultless(draws: Draws): DrawnClient {
  return {
    attempts: draws.whole(3, 5),
    wait: {
      baseMs: draws.whole(500, 1200),
      factor: draws.pick([2, 2, 2.5, 3]),
      capMs: draws.pick([8000, 10_000, 20_000]),
      jitter: draws.pick(['full', 'equal', 'minus-quarter', 'plus-minus-fifth'] as const),
    },
    reading: 'exact',
    obeysUpToMs: 3_600_000,
    spread: draws.chance(0.25) ? 0 : draws.between(0.5, 1),
    repeats: ['refused', 'overloaded', 'failed', 'broken', 'unreadable'],
    outer: null,
    gate: { kind: 'none' },
    hedgeAfterMs: null,
    timeoutMs: null,
    deadlineMs: null,
    brokenStream: draws.pick(['discard', 'surface'] as const),
    givesUpWith: 'an error',
    idempotencyKey: draws.pick(['none', 'same'] as const),
    sendsRetryCount: draws.chance(0.3),
    job: null,
  };
}

/** This share of the clients queues at the rate of the quota, so that little is refused. */
function withGate(client: DrawnClient, { quotaPerS }: World, draws: Draws, share: number): DrawnClient {
  if (quotaPerS === Infinity || !draws.chance(share)) return client;
  return { ...client, gate: { kind: 'queue', burst: 1, everyMs: 1020 / quotaPerS } };
}

/** Draws up to two mistakes in different parts of the client, each with a situation in which it shows. */
function drawMistakes(draws: Draws): { mistakes: MistakeName[]; situations: SituationName[] } {
  const count = draws.pick([0, 1, 1, 2]);
  const mistakes: MistakeName[] = [];
  const situations: SituationName[] = count === 0 ? [draws.pick(Object.keys(SITUATIONS) as SituationName[])] : [];
  while (mistakes.length < count) {
    const next = draws.pick(Object.keys(MISTAKES) as MistakeName[]);
    if (mistakes.some((name) => overlap(MISTAKES[name].parts, MISTAKES[next].parts))) continue;
    const fits = (one: SituationName): boolean =>
      situations.includes(one) || !situations.some((other) => clash(one, other));
    const fitting = (MISTAKES[next] as Mistake).shows.filter(fits);
    if (fitting.length === 0) continue;
    mistakes.push(next);
    situations.push(draws.pick(fitting));
  }
  return { mistakes, situations: [...new Set(situations)] };
}

function clash(one: SituationName, other: SituationName): boolean {
  return overlap(SITUATIONS[one].parts, SITUATIONS[other].parts);
}

function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.some((part) => other.includes(part));
}

function strikesLast(one: SituationName, other: SituationName): number {
  const strikes = (name: SituationName): number => Number((SITUATIONS[name] as Situation).strikes ?? false);
  return strikes(one) - strikes(other);
}
