import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { modelJournal } from '../../../src/run/model.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { ASK, runVirtualClient } from '../run/run-virtual-client.ts';

const PROVIDER = `provider:
  limits: [{ name: requests, scope: organization, capacity: 3, refill: 3/s }]
  latency: { firstToken: { p50: 300ms, p99: 900ms }, perToken: 1ms }`;

/** Returns the journal of a model run. `rest` is the rest of the scenario. */
async function runModel(client: string, load: string, rest = PROVIDER): Promise<readonly JournalRecord[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-model-')), 'scenario.yaml');
  writeFileSync(file, `name: film\nclient: ${client}\nload: ${load}\n${rest}`);
  return modelJournal(await loadScenario(file), 'quotalab test');
}

const calls = (records: readonly JournalRecord[]): CallRecord[] => records.filter((record) => record.type === 'call');
const attempts = (records: readonly JournalRecord[]): AttemptRecord[] =>
  records.filter((record) => record.type === 'attempt');
const summarize = (records: readonly JournalRecord[]): string[] =>
  calls(records)
    .sort((a, b) => a.id - b.id)
    .map(
      ({ id, vu, iteration, scheduledUs, startUs, endUs, result }) =>
        `#${id} vu ${vu}.${iteration} due ${scheduledUs / 1000}: ${startUs / 1000}–${endUs / 1000} ${result}`,
    );

/** Retries twice, a second after a refusal: once as code, once as a model. */
const CODE = `${ASK}
export default async function (call, { env }) {
  for (let n = 0; ; n++) {
    try { return await ask(call, env); } catch (error) { if (n === 2) throw error; await new Promise((wake) => setTimeout(wake, 1000)); }
  }
}`;
const MODEL = '{ model: fixed, retries: { max: 2 } }';

describe.concurrent('a model behaves like its client, call by call, under every executor', () => {
  it.each([
    ['constant-vus', '[{ executor: constant-vus, vus: 9, duration: 20s, wait: { between: [0s, 400ms] } }]'],
    ['constant-vus without a wait', '[{ executor: constant-vus, vus: 5, duration: 10s }]'],
    [
      'ramping-vus',
      '[{ executor: ramping-vus, startVUs: 2, stages: [{ duration: 5s, target: 12 }, { duration: 5s, target: 1 }, { duration: 4s, target: 6 }], wait: { constant: 100ms } }]',
    ],
    ['per-vu-iterations', '[{ executor: per-vu-iterations, vus: 7, iterations: 6, wait: { pacing: 700ms } }]'],
    ['shared-iterations', '[{ executor: shared-iterations, vus: 7, iterations: 40 }]'],
    [
      'constant-arrival-rate',
      '[{ executor: constant-arrival-rate, rate: 8/s, duration: 10s, arrivals: poisson, maxVUs: 12 }]',
    ],
    [
      'ramping-arrival-rate',
      '[{ executor: ramping-arrival-rate, startRate: 1/s, stages: [{ duration: 10s, target: 12/s }], maxVUs: 50 }]',
    ],
    [
      'two in parallel, cut at the end',
      '[{ executor: constant-vus, vus: 4, duration: 6s, gracefulStop: 0s }, { executor: constant-arrival-rate, rate: 5/s, duration: 4s, startTime: 2s, gracefulStop: 500ms }]',
    ],
  ])('%s', async (_, load) => {
    const [real, modelled] = await Promise.all([
      runVirtualClient(CODE, load, { provider: PROVIDER }),
      runModel(MODEL, load),
    ]);
    expect(attempts(modelled).filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    expectEqual(modelled, real.records);
  });

  it.each([
    ['{ status: 500, rate: 20% }', 500],
    ['{ status: 503, at: 2s, for: 3s }', 503],
    ['{ kind: refuse, says: slow-down, every: 4 }', 429],
    ['{ kind: reset, rate: 20% }', 0],
    ['{ kind: slow, by: 700ms, every: 3 }', 200],
    ['{ kind: reset, first: 5 }, { status: 500, rate: 10% }', 500],
  ])('with the fault %s', async (fault, status) => {
    const load = '[{ executor: constant-vus, vus: 6, duration: 10s, wait: { constant: 200ms } }]';
    const provider = `${PROVIDER}\n  faults: [${fault}]`;
    const [real, modelled] = await Promise.all([
      runVirtualClient(CODE, load, { provider }),
      runModel(MODEL, load, provider),
    ]);
    const hit = attempts(modelled).filter((attempt) => attempt.fault !== undefined);
    expect(hit.filter((attempt) => attempt.status === status).length).toBeGreaterThan(2);
    expectEqual(modelled, real.records);
  });
});

/** Compares calls, attempts and dropped arrivals, without the fields that depend on bodies. */
function expectEqual(modelled: readonly JournalRecord[], real: readonly JournalRecord[]): void {
  expect(summarize(modelled)).toEqual(summarize(real));
  const comparable = (records: readonly JournalRecord[]) =>
    attempts(records).map(({ call, startUs, endUs, headersUs, status, outcome, limits, ...rest }) => {
      const { retryAfterUs, admitAfterUs, fault, errorType, errorCode } = rest;
      return {
        call,
        startUs,
        endUs,
        headersUs,
        status,
        outcome,
        limits,
        retryAfterUs,
        admitAfterUs,
        fault,
        errorType,
        errorCode,
      };
    });
  expect(comparable(modelled)).toEqual(comparable(real));
  const dropped = (records: readonly JournalRecord[]) => records.filter(({ type }) => type === 'dropped');
  expect(dropped(modelled)).toEqual(dropped(real));
  expect(modelled.at(-1)).toEqual(real.at(-1));
}

describe('client features', () => {
  const SLOW = 'provider: { latency: { firstToken: 3s, perToken: 0s } }';
  const ONE = '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]';
  const THREE = '[{ executor: per-vu-iterations, vus: 3, iterations: 1 }]';

  it.each<[string, string, string, string, string[]]>([
    [
      'a timeout per attempt, which is retried',
      '{ model: fixed, timeout: 500ms, retries: { max: 2 } }',
      ONE,
      SLOW,
      ['#1 vu 1.0 due 0: 0–3500 error'],
    ],
    [
      'a deadline per call',
      '{ model: fixed, deadline: 2s, timeout: 500ms }',
      ONE,
      SLOW,
      ['#1 vu 1.0 due 0: 0–2000 error'],
    ],
    [
      'one call in flight',
      '{ model: none, concurrency: 1 }',
      THREE,
      SLOW,
      ['#1 vu 1.0 due 0: 0–3000 ok', '#2 vu 2.0 due 0: 0–6000 ok', '#3 vu 3.0 due 0: 0–9000 ok'],
    ],
    [
      'a client-side rate limit',
      '{ model: none, pace: { rate: 1/s, burst: 1 } }',
      THREE,
      'provider: { latency: { firstToken: 100ms, perToken: 0s } }',
      ['#1 vu 1.0 due 0: 0–100 ok', '#2 vu 2.0 due 0: 0–1100 ok', '#3 vu 3.0 due 0: 0–2100 ok'],
    ],
    [
      'two attempts in flight',
      '{ model: none, aimd: { start: 2, most: 2 } }',
      THREE,
      SLOW,
      ['#1 vu 1.0 due 0: 0–3000 ok', '#2 vu 2.0 due 0: 0–3000 ok', '#3 vu 3.0 due 0: 0–6000 ok'],
    ],
    [
      'retries through a provider outage of a minute',
      '{ model: fixed, retries: { base: 20s } }',
      ONE,
      'provider: { faults: [{ at: 0s, for: 1m }], latency: { firstToken: 100ms, perToken: 0s } }',
      // 503 after a millisecond at 0, 20.001 and 40.002 s; success at 60.003 s.
      ['#1 vu 1.0 due 0: 0–60103 ok'],
    ],
  ])('%s', async (_, client, load, rest, expected) => {
    expect(summarize(await runModel(client, load, rest))).toEqual(expected);
  });

  it('a breaker: after two failures, calls fail without an attempt for ten seconds', async () => {
    const down = 'provider: { faults: [{ at: 0s, for: 1h }] }';
    const load = '[{ executor: constant-vus, vus: 1, duration: 12s, wait: { constant: 1s } }]';
    const records = await runModel('{ model: none, breaker: { failures: 2, open: 10s } }', load, down);
    expect(calls(records)).toHaveLength(12);
    expect(attempts(records).map(({ startUs }) => Math.floor(startUs / 1e6))).toEqual([0, 1, 11]);
  });

  it('a budget: one retry per ten calls', async () => {
    const down = 'provider: { faults: [{ at: 0s, for: 1h }] }';
    const load = '[{ executor: constant-arrival-rate, rate: 10/s, duration: 10s }]';
    const records = await runModel(
      '{ model: fixed, retries: { max: 3 }, budget: { share: 0.1, reserve: 0 } }',
      load,
      down,
    );
    expect(calls(records)).toHaveLength(100);
    expect(attempts(records).length).toBeGreaterThanOrEqual(108);
    expect(attempts(records).length).toBeLessThanOrEqual(110);
  });
});

it('writes the same bytes on every machine', async () => {
  const load = '[{ executor: constant-vus, vus: 20, duration: 5m, wait: { between: [200ms, 500ms] } }]';
  const records = await runModel('{ model: full-jitter }', load);
  expect(attempts(records).filter(({ status }) => status === 429).length).toBeGreaterThan(1000);
  const lines = records.slice(1).map((record) => JSON.stringify(record));
  // A change of this hash changes the results of every plan.
  expect(createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)).toBe('4157a76b9624a49d');
});
