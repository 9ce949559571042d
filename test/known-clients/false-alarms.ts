import { JUDGES } from '../../src/analysis/judging/judge-run.ts';
import { alarmsOf, judge, POLICIES, scenarioOf } from './known-clients.ts';

/** A client under a load, and the verdicts that are right to complain there. All others would be false alarms. */
export interface Innocent {
  readonly policy: string;
  readonly load: string;
  readonly guilty: readonly string[];
}

export const INNOCENTS: readonly Innocent[] = [
  { policy: 'one queue at the rate of the quota', load: 'under the limit', guilty: [] },
  { policy: 'one queue at the rate of the quota', load: '1.5 times the limit', guilty: [] },
  { policy: 'one queue at the rate of the quota', load: 'an outage of 60 s', guilty: [] },
  {
    policy: 'Retry-After and jitter on top',
    load: '1.5 times the limit',
    // The load lasts longer than five attempts do, and each call that fails has cost five.
    guilty: ['gives-up-early', 'amplifies-load', 'leaves-quota-unused'],
  },
  {
    policy: 'doubling, equal jitter',
    load: '1.5 times, told no wait',
    guilty: ['gives-up-early', 'amplifies-load', 'retries-too-early', 'leaves-quota-unused'],
  },
];

/** How often each verdict complained of an innocent client, over so many seeds of each. */
export async function falseAlarms(
  seeds: number,
  innocents = INNOCENTS,
): Promise<Map<string, { alarms: number; decided: number }>> {
  const counts = new Map(JUDGES.map(({ id }) => [id, { alarms: 0, decided: 0 }]));
  for (const { policy, load, guilty } of innocents) {
    const scenario = await scenarioOf(load);
    for (let seed = 1; seed <= seeds; seed++) {
      const verdicts = judge(scenario, POLICIES[policy]!, seed, guilty);
      const { failed, warned } = alarmsOf(verdicts);
      for (const { id, status } of verdicts) {
        if (status === 'not-applicable' || status === 'inconclusive') continue;
        const count = counts.get(id)!;
        count.decided++;
        if (failed.includes(id) || warned.includes(id)) count.alarms++;
      }
    }
  }
  return counts;
}
