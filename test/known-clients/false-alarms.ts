import { JUDGES } from '../../src/analysis/judging/judge-run.ts';
import { failedAndWarned, judge, KNOWN_CLIENTS, loadScenarioFor } from './known-clients.ts';

/**
 * A client under a load, and the verdicts that may warn or fail there. Any other warning or failure is a false alarm.
 */
export interface FalseAlarmCase {
  readonly policy: string;
  readonly load: string;
  readonly justified: readonly string[];
}

export const FALSE_ALARM_CASES: readonly FalseAlarmCase[] = [
  { policy: 'one queue paced at the quota rate', load: 'under the limit', justified: [] },
  { policy: 'one queue paced at the quota rate', load: '1.5 times the limit', justified: [] },
  { policy: 'one queue paced at the quota rate', load: 'a 60 s outage', justified: [] },
  {
    policy: 'Retry-After plus jitter',
    load: '1.5 times the limit',
    // The load outlasts five attempts, and each failed call made five.
    justified: ['gives-up-early', 'amplifies-load', 'leaves-quota-unused'],
  },
  {
    policy: 'doubling, equal jitter',
    load: '1.5 times the limit, no Retry-After',
    justified: ['gives-up-early', 'amplifies-load', 'retries-too-early', 'leaves-quota-unused'],
  },
];

/** The largest share of runs in which a verdict may raise a false alarm. */
const MAX_SHARE = 0.01;

type Counts = ReadonlyMap<string, { readonly alarms: number; readonly decided: number }>;

/** Returns the verdicts with too many false alarms in the runs of one case. */
export function findExceeding(counts: Counts, seeds: number): string[] {
  return [...counts].flatMap(([id, { alarms }]) =>
    alarms > MAX_SHARE * seeds ? [`${id}: ${alarms} of ${seeds}`] : [],
  );
}

/** Counts, per verdict, the decided runs and false alarms over seeds 1 to `seeds` of each case. */
export async function countFalseAlarms(
  seeds: number,
  cases = FALSE_ALARM_CASES,
): Promise<Map<string, { alarms: number; decided: number }>> {
  const counts = new Map<string, { alarms: number; decided: number }>(
    JUDGES.map(({ id }) => [id, { alarms: 0, decided: 0 }]),
  );
  for (const { policy, load, justified } of cases) {
    const scenario = await loadScenarioFor(load);
    for (let seed = 1; seed <= seeds; seed++) {
      const verdicts = judge(scenario, KNOWN_CLIENTS[policy]!, seed, justified);
      const { failed, warned } = failedAndWarned(verdicts);
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
