import { expect, it } from 'vitest';
import { countFalseAlarms, FALSE_ALARM_CASES, findExceeding } from './false-alarms.ts';

/** A sample: `npm run verdicts` counts 1,000 seeds and fails likewise. */
const SEEDS = 50;

it.each(FALSE_ALARM_CASES.map((testCase) => [`${testCase.policy}, ${testCase.load}`, testCase] as const))(
  `%s: no verdict has false alarms in more than one in a hundred of ${SEEDS} seeds`,
  async (_name, testCase) => {
    const counts = await countFalseAlarms(SEEDS, [testCase]);
    expect(findExceeding(counts, SEEDS)).toEqual([]);
    // Guards against cases in which nothing is decided.
    const decided = [...counts.values()].filter(({ decided }) => decided > 0);
    expect(decided.length).toBeGreaterThanOrEqual(3);
  },
);
