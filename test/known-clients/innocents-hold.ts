import { expect, it } from 'vitest';
import { falseAlarms, INNOCENTS, type Innocent } from './false-alarms.ts';

const SEEDS = 1000;
const MOST = 0.01;

/**
 * Tests that no verdict complains of these innocents without cause. A file for each third of the work, since files run side
 * by side; `known-clients.test.ts` holds that together they ask for all.
 */
export function innocentsHold(are: (innocent: Innocent) => boolean): void {
  it.each(INNOCENTS.filter(are).map((innocent) => [`${innocent.policy}, ${innocent.load}`, innocent] as const))(
    '%s: no verdict complains without cause in more than 1 %% of 1,000 seeds',
    async (_name, innocent) => {
      const counts = await falseAlarms(SEEDS, [innocent]);
      const decided = [...counts].filter(([, { decided }]) => decided > 0);
      const false_ = decided.filter(([, { alarms }]) => alarms > MOST * SEEDS);
      expect(false_).toEqual([]);
      // Something was decided at all.
      expect(decided.length).toBeGreaterThanOrEqual(3);
    },
    // A guard against what never ends, not a measure: twenty seconds on a machine of one's own.
    900_000,
  );
}
