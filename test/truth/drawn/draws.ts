import { type Random, randomFor } from '../../../mock-server/random.ts';

/** Seeded draws for one drawn case. */
export interface Draws {
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

export function drawsFor(seed: number): Draws {
  const random: Random = randomFor(seed, 'drawn');
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return {
    whole,
    between: (least, most) => least + random() * (most - least),
    chance: (share) => random() < share,
    pick: (items) => items[whole(0, items.length - 1)]!,
  };
}
