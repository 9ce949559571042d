import { describe, expect, it } from 'vitest';
import { judgeRun } from '../../../../src/analysis/judging/judge-run.ts';
import { measureDemand } from '../../../../src/analysis/ledger/demand.ts';
import { computeLimitUse } from '../../../../src/analysis/limit-use.ts';
import { hasPassed } from '../../../../src/analysis/pass-rule.ts';
import { type VirtualRunInput, virtualRun } from '../../../../src/testing/vitest.ts';

/** Runs a client of `clients/` in virtual time and judges it. */
async function judged(client: string, input: Partial<VirtualRunInput>) {
  const virtual = await virtualRun({ client: `./clients/${client}.ts`, ...input } as VirtualRunInput);
  const { run } = virtual;
  const verdicts = judgeRun(run, {});
  return {
    run,
    summary: () => virtual.summary().replaceAll(/\s+/g, ' '),
    passed: hasPassed({ thresholds: [], verdicts }),
    failed: verdicts.filter(({ status }) => status === 'fail').map(({ id }) => id),
    warned: verdicts.filter(({ status }) => status === 'warn').map(({ id }) => id),
    reason: (id: string) => verdicts.find((verdict) => verdict.id === id)!.reason,
    status: (id: string) => verdicts.find((verdict) => verdict.id === id)!.status,
  };
}

describe('clients that send nothing', () => {
  it('a breaker that never closes: 503 for 10 s, then ten minutes of silence', async () => {
    const { status, reason, passed, run } = await judged('breaker', {
      limits: { refill: '20/s' },
      provider: { faults: [{ at: '1m', for: '10s', status: 503 }] },
      load: { executor: 'constant-arrival-rate', rate: '5/s', duration: '8m' },
    });
    expect(run.calls.filter(({ error }) => error?.message === 'circuit open').length).toBeGreaterThan(2000);
    expect(status('does-not-recover')).toBe('fail');
    expect(reason('does-not-recover')).toMatch(
      /^Calls were not answered again in the 6m50s after the outage at 1m: 2049 of 2049 .* 2049 of them without an attempt/,
    );
    expect(reason('gives-up-early')).toMatch(/failed at once, in the client, \d+ times \(circuit open\)/);
    expect(passed).toBe(false);
  });

  it('a cool-down that fails calls at once while the quota is free', async () => {
    const { status, reason, passed } = await judged('cool-down', {
      limits: { refill: '2/s' },
      load: { executor: 'constant-arrival-rate', rate: '3/s', duration: '3m' },
    });
    expect(status('gives-up-early')).toBe('fail');
    expect(reason('gives-up-early')).toMatch(/failed at once, in the client, 4\d\d times \(no deployments available\)/);
    expect(passed).toBe(false);
  });

  it('permits that are kept during back-off: well calls are held while the quota is idle', async () => {
    const arrivals = { executor: 'constant-arrival-rate', duration: '2m', gracefulStop: '5m' } as const;
    const { status, reason } = await judged('permits', {
      limits: { refill: '10/s' },
      provider: { faults: [{ at: '0s', status: 503, match: { text: 'please fail' } }] } as never,
      load: [
        { ...arrivals, name: 'sick', rate: '12/min' },
        { ...arrivals, name: 'well', rate: '1/s' },
      ] as never,
    });
    expect(status('leaves-quota-unused')).toBe('fail');
    expect(reason('leaves-quota-unused')).toMatch(
      /held in the client for up to .* before the first attempt while 9\d % of the quota was free/,
    );
  });

  it('a polite queue under twice the load it may send fails nothing: that is the load', async () => {
    const { failed, warned, run, reason, passed, summary } = await judged('pacer', {
      limits: { refill: '1/s', capacity: 1 },
      load: { executor: 'constant-arrival-rate', rate: '2/s', duration: '5m', maxVUs: 1000 },
    });
    expect(
      run.calls.filter(({ attempts, result }) => attempts.length === 0 && result === 'open').length,
    ).toBeGreaterThan(200);
    expect([failed, warned.filter((id) => id === 'leaves-quota-unused'), passed]).toEqual([[], [], true]);
    expect(measureDemand(run).demand).toMatchObject({
      limit: 'requests',
      ratio: expect.closeTo(2, 1),
      backlogPerMinute: expect.closeTo(60, 0),
    });
    const text = 'The load is 2 × the quota of limit requests: a queue grows by 60 calls a minute';
    expect(reason('leaves-quota-unused')).toContain(text);
    expect(summary()).toContain(text);
  });

  it('ten calls that a queue of its own never lets go end the run by verdict', async () => {
    const { status, reason, passed, run } = await judged('own-bucket', {
      limits: { unit: 'tokens', refill: '100/min' },
      load: { executor: 'per-vu-iterations', vus: 10, iterations: 1, maxDuration: '5m' },
    });
    expect(run.calls.map(({ result, attempts }) => [result, attempts.length])).toEqual(Array(10).fill(['open', 0]));
    expect(status('gives-up-early')).toBe('fail');
    expect(reason('gives-up-early')).toMatch(/held in the client without an attempt, for up to 5m/);
    expect(passed).toBe(false);
  });

  it('one call of ten that is larger than the limit, and surfaces it, was not given up early', async () => {
    const { status, run, reason } = await judged('sized', {
      limits: { unit: 'tokens', refill: '6000/min' },
      load: { executor: 'per-vu-iterations', vus: 10, iterations: 1 },
    });
    expect(run.calls.map(({ result }) => result)).toEqual(['error', ...Array(9).fill('ok')]);
    expect([status('gives-up-early'), status('retries-impossible-request')]).toEqual(['pass', 'pass']);
    expect(reason('gives-up-early')).toMatch(/^1 of 10 calls gave up; the quota could not have admitted any of them/);
  });

  it('a bucket slower than the run leaves nothing unused, and all that it had is what it had', async () => {
    const { status, run } = await judged('permits', {
      limits: { refill: '1/7d', capacity: 1, initial: 0 } as never,
      load: { executor: 'per-vu-iterations', vus: 25, iterations: 1 },
    });
    expect(run.attempts.filter(({ status: code }) => code === 429).length).toBeGreaterThan(25);
    expect(status('leaves-quota-unused')).toBe('pass');
    expect(status('gives-up-early')).toBe('pass');
    expect(computeLimitUse(run)[0]!.admissible).toBeLessThan(0.001);
  });
});
