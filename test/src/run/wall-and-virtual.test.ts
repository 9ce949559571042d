import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { runToEnd } from '../../run-to-end.ts';

const S = 1_000_000;
/** A timer of Node may end a millisecond early; the provider and the client round to one. */
const EARLY_US = 2000;

interface Played {
  readonly scenario: Scenario;
  readonly attempts: readonly AttemptRecord[];
  readonly calls: readonly CallRecord[];
}

/**
 * A number of calls that no machine changes. Of one request a second, 20 users who begin at once are refused most, however slowly
 * they begin.
 */
const TWO_CALLS_EACH = {
  'load[0]': '{ executor: per-vu-iterations, vus: 20, iterations: 2, maxDuration: 2m }',
  'provider.limits[0].refill': '1/s',
  'provider.limits[0].capacity': '1',
};

/** Plays the article's scenario with its openai SDK. */
async function play(time: string): Promise<Played> {
  const file = fileURLToPath(new URL('../../../scenarios/article/scenario.yaml', import.meta.url));
  const scenario = await loadScenario(file, { overrides: { time, ...TWO_CALLS_EACH } });
  const records = await runToEnd(scenario);
  return {
    scenario,
    // At one instant the limit admits first and then refuses.
    attempts: records
      .filter((record) => record.type === 'attempt')
      .sort((a, b) => a.startUs - b.startUs || a.status - b.status),
    calls: records.filter((record) => record.type === 'call'),
  };
}

/** What the limit decides on the attempts if they come at the recorded times. */
function replay({ scenario, attempts }: Played) {
  const limiter = createLimiter(scenario.provider.limits[0]!.spec);
  let state = limiter.initial(attempts[0]!.startUs);
  return attempts.map(({ startUs }) => {
    const { admit, retryAfterUs } = limiter.check(state, startUs, 1);
    if (admit) state = limiter.charge(state, startUs, 1);
    return admit ? '200' : `429, room in ${retryAfterUs} µs`;
  });
}

/** Calls with their attempts, each of which begins `waitedUs` after the answer before it. */
function callsOf({ calls, attempts }: Played) {
  const byCall = Map.groupBy(attempts, ({ call }) => call);
  return calls
    .filter(({ result }) => result !== 'open')
    .map(({ id, result }) => {
      const own = byCall.get(id)!;
      const waitedUs = own.slice(1).map(({ startUs }, index) => startUs - own[index]!.headersUs!);
      return { result, statuses: own.map(({ status }) => status), waitedUs };
    });
}

// How much a busy machine delays either is no part of this: every figure is compared at the times that the run recorded.
describe.each(['wall', 'virtual'])('in %s time', (time) => {
  it('the provider decides as its limit does at these times, and the client waits, retries and gives up as it should', async () => {
    const played = await play(time);
    const decided = played.attempts.map(({ status, admitAfterUs }) =>
      status === 200 ? '200' : `${status}, room in ${admitAfterUs} µs`,
    );
    expect(decided).toEqual(replay(played));
    expect(new Set(played.attempts.map(({ joinedBy }) => joinedBy))).toEqual(new Set(['tag']));

    const calls = callsOf(played);
    expect(calls).toHaveLength(40);
    const waitedUs = calls.flatMap((call) => call.waitedUs);
    expect(waitedUs.length).toBeGreaterThan(10);
    expect(Math.min(...waitedUs)).toBeGreaterThan(S - EARLY_US);
    // In virtual time nothing but the wait takes time.
    if (time === 'virtual') expect(Math.max(...waitedUs)).toBeLessThan(S + EARLY_US);
    const kinds = new Set(calls.map(({ result, statuses }) => `${statuses.join(' ')}: ${result}`));
    const allowed = ['200: ok', '429 200: ok', '429 429 200: ok', '429 429 429: error'];
    expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([]);
    expect(kinds).toContain('200: ok');
    expect(kinds).toContain('429 429 429: error');
  });
});
