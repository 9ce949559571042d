import { fileURLToPath } from 'node:url';
import { check, matchers, type QuotaLabMatchers, virtualRun } from '../src/testing/index.ts';

const client = new URL('../test/src/testing/clients/newcomer.ts', import.meta.url);

/** Returns the failure message of each matcher by its name. */
export async function matcherSamples(): Promise<Record<string, string>> {
  const load = { executor: 'constant-arrival-rate', rate: '1/s', duration: '18s' } as const;
  const limits = { algorithm: 'fixed-window', amount: 10, window: '30s' } as const;
  const newcomer = await virtualRun({ client, limits, load, thresholds: { call_failed: 'rate<0.01' } });
  const cut = await virtualRun({ client, limits, load: { ...load, gracefulStop: '1s' } });
  const quiet = await virtualRun({ client, limits: { refill: '600/min' }, load });
  const table = await check(fileURLToPath(client), { only: ['retry-after-seconds', 'unauthorized'] });
  const samples: { [Name in keyof QuotaLabMatchers]: [unknown, ...Parameters<QuotaLabMatchers[Name]>] } = {
    toHonourRetryAfter: [newcomer],
    toStayWithinAttempts: [newcomer, 4],
    toStayWithinAmplification: [newcomer, 1.5],
    toHaveNoFailedCalls: [newcomer],
    toHaveNoUnfinishedCalls: [cut],
    toHaveRefusals: [quiet],
    toPassVerdict: [newcomer, 'unbounded-retries', { fail: 4 }],
    toPassVerdicts: [newcomer],
    toMeetThreshold: [newcomer, 'call_duration', 'p(95)<5s'],
    toMeetThresholds: [newcomer],
    toBeResilient: [table],
  };
  return Object.fromEntries(
    Object.entries(samples).map(([name, [run, ...args]]) => {
      const matcher = matchers[name as keyof QuotaLabMatchers] as (
        ...all: unknown[]
      ) => ReturnType<(typeof matchers)['toHaveRefusals']>;
      const { pass, message } = matcher.call({ isNot: false }, run, ...args);
      if (pass) throw new Error(`${name} passes: no failure message to show`);
      return [name, message()];
    }),
  );
}
