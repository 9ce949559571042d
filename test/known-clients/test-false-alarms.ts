import { expect, it } from 'vitest';
import { countFalseAlarms, FALSE_ALARM_CASES, type FalseAlarmCase } from './false-alarms.ts';

const SEEDS = 1000;
const MAX_SHARE = 0.01;

/**
 * Tests that no verdict raises too many false alarms in the selected cases. The cases are split over several test
 * files, which run in parallel; `known-clients.test.ts` checks that the files cover all cases.
 */
export function testFalseAlarms(isSelected: (testCase: FalseAlarmCase) => boolean): void {
  it.each(
    FALSE_ALARM_CASES.filter(isSelected).map((testCase) => [`${testCase.policy}, ${testCase.load}`, testCase] as const),
  )(
    '%s: no verdict has false alarms in more than 1 %% of 1,000 seeds',
    async (_name, testCase) => {
      const counts = await countFalseAlarms(SEEDS, [testCase]);
      const decided = [...counts].filter(([, { decided }]) => decided > 0);
      const exceeding = decided.filter(([, { alarms }]) => alarms > MAX_SHARE * SEEDS);
      expect(exceeding).toEqual([]);
      // Guards against cases in which nothing is decided.
      expect(decided.length).toBeGreaterThanOrEqual(3);
    },
    // A guard against hanging: the test takes about 20 s on an idle machine.
    900_000,
  );
}
