import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../mock-server/random.ts';
import type { CallOutcome, Client, ClientCall } from '../../../src/client/client.ts';
import type { Clock } from '../../../src/clock/clock.ts';
import type { CallRecord } from '../../../src/journal/call-records.ts';
import type { DroppedRecord } from '../../../src/journal/record.ts';
import { type Executor, planOf } from '../../../src/load/executors.ts';
import { drive } from '../../../src/run/drive.ts';

const S = 1_000_000;
const START_US = 1000 * S;

/** A clock that jumps to the next sleeper when no promise can settle. */
function jumpingClock(): Clock & { run(until: Promise<unknown>): Promise<void> } {
  let nowUs = START_US;
  let sleepers: { atUs: number; wake: () => void }[] = [];
  return {
    nowUs: () => nowUs,
    resolutionUs: 1,
    sleepUntil(atUs, signal) {
      if (atUs <= nowUs || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { atUs, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        });
      });
    },
    async run(until) {
      let done = false;
      void until.then(() => {
        done = true;
      });
      while (!done) {
        // Promises that can settle now have settled when a real timer fires.
        await new Promise((resolve) => setImmediate(resolve));
        const next = sleepers.toSorted((a, b) => a.atUs - b.atUs)[0];
        if (!next) continue;
        sleepers = sleepers.filter((other) => other !== next);
        nowUs = Math.max(nowUs, next.atUs);
        next.wake();
      }
    },
  };
}

/** A client whose calls take `durationS` seconds; `Infinity` for a call that never ends. */
function createClient(clock: Clock, durationS: (call: ClientCall) => number): Client {
  return {
    async call(call): Promise<CallOutcome> {
      const startUs = clock.nowUs();
      const durationUs = durationS(call) * S;
      if (durationUs === Infinity) return new Promise(() => {});
      await clock.sleepUntil(startUs + durationUs);
      return { startUs, endUs: clock.nowUs(), result: 'ok' };
    },
    died: new Promise(() => {}),
    stop: () => Promise.resolve(),
  };
}

type Recorded = CallRecord | DroppedRecord;

async function driveLoad(
  executors: readonly Executor[],
  durationS: (call: ClientCall) => number,
  stopAfterS?: number,
): Promise<Recorded[]> {
  const clock = jumpingClock();
  const records: Recorded[] = [];
  const stop = new AbortController();
  if (stopAfterS !== undefined) void clock.sleepUntil(START_US + stopAfterS * S).then(() => stop.abort());
  const driven = drive(executors.map(planOf), {
    clock,
    startedUs: START_US,
    client: createClient(clock, durationS),
    random: (purpose) => randomFor(1, purpose),
    buildCall: (id, vu, iteration) => ({ id, vu, iteration, model: 'm', prompt: '', stream: false }),
    record: (record) => records.push(record),
    stop: stop.signal,
  });
  await clock.run(driven);
  return records;
}

const describeCalls = (records: readonly Recorded[]): string[] =>
  records
    .filter((record) => record.type === 'call')
    .sort((a, b) => a.id - b.id)
    .map(
      ({ vu, iteration, scheduledUs, startUs, endUs, result }) =>
        `vu ${vu}.${iteration}: due ${scheduledUs / S}, ${startUs / S}–${endUs / S} ${result}`,
    );

const timing = { startUs: 0, gracefulStopUs: 2 * S };

describe('closed load', () => {
  it('two VUs, calls of 1 s, a wait of 0.5 s, for 3 s', async () => {
    const executor: Executor = {
      executor: 'constant-vus',
      vus: 2,
      durationUs: 3 * S,
      wait: { kind: 'constant', waitUs: S / 2 },
      ...timing,
    };
    expect(describeCalls(await driveLoad([executor], () => 1))).toEqual([
      'vu 1.0: due 0, 0–1 ok',
      'vu 2.0: due 0, 0–1 ok',
      'vu 1.1: due 1.5, 1.5–2.5 ok',
      'vu 2.1: due 1.5, 1.5–2.5 ok',
    ]);
  });

  it('pacing: a start every two seconds, without overlapping calls', async () => {
    const executor: Executor = {
      executor: 'constant-vus',
      vus: 1,
      durationUs: 7 * S,
      wait: { kind: 'constant-pacing', periodUs: 2 * S },
      ...timing,
    };
    expect(describeCalls(await driveLoad([executor], ({ iteration }) => (iteration === 1 ? 3 : 1)))).toEqual([
      'vu 1.0: due 0, 0–1 ok',
      'vu 1.1: due 2, 2–5 ok',
      'vu 1.2: due 5, 5–6 ok',
    ]);
  });

  it('per-vu-iterations: each VU makes two, at its own pace', async () => {
    const executor: Executor = {
      executor: 'per-vu-iterations',
      vus: 2,
      iterations: 2,
      maxDurationUs: 60 * S,
      wait: { kind: 'none' },
      ...timing,
    };
    expect(describeCalls(await driveLoad([executor], ({ vu }) => vu))).toEqual([
      'vu 1.0: due 0, 0–1 ok',
      'vu 2.0: due 0, 0–2 ok',
      'vu 1.1: due 1, 1–2 ok',
      'vu 2.1: due 2, 2–4 ok',
    ]);
  });

  it('shared-iterations: five in total, a free VU takes the next', async () => {
    const executor: Executor = {
      executor: 'shared-iterations',
      vus: 2,
      iterations: 5,
      maxDurationUs: 60 * S,
      wait: { kind: 'none' },
      ...timing,
    };
    const made = await driveLoad([executor], ({ vu }) => vu * 3 - 2);
    expect(made.length).toBe(5);
    expect(describeCalls(made).filter((text) => text.startsWith('vu 1')).length).toBe(4);
  });

  it('a ramp: the second VU starts at 1 s and stops at 2 s', async () => {
    const stages = [
      { durationUs: S, target: 2 },
      { durationUs: S, target: 1 },
    ];
    const executor: Executor = { executor: 'ramping-vus', startVus: 1, stages, wait: { kind: 'none' }, ...timing };
    expect(describeCalls(await driveLoad([executor], () => 0.6)).map((text) => text.slice(0, 17))).toEqual([
      'vu 1.0: due 0, 0–',
      'vu 1.1: due 0.6, ',
      'vu 2.0: due 1, 1–',
      'vu 1.2: due 1.2, ',
      'vu 2.1: due 1.6, ',
      'vu 1.3: due 1.8, ',
    ]);
  });
});

describe('open load', () => {
  const rate = (maxVus: number): Executor => ({
    executor: 'constant-arrival-rate',
    ratePerSecond: 2,
    durationUs: 2 * S,
    arrivals: 'uniform',
    maxVus,
    ...timing,
  });

  it('arrivals start when due, independent of earlier calls', async () => {
    expect(describeCalls(await driveLoad([rate(10)], () => 2.9))).toEqual([
      'vu 1.0: due 0, 0–2.9 ok',
      'vu 2.0: due 0.5, 0.5–3.4 ok',
      'vu 3.0: due 1, 1–3.9 ok',
      'vu 4.0: due 1.5, 1.5–4 open',
    ]);
  });

  it('an arrival that finds no free VU is recorded as dropped', async () => {
    const records = await driveLoad([rate(1)], () => 0.7);
    expect(describeCalls(records)).toEqual(['vu 1.0: due 0, 0–0.7 ok', 'vu 1.1: due 1, 1–1.7 ok']);
    expect(records.filter(({ type }) => type === 'dropped')).toEqual([
      { type: 'dropped', scheduledUs: 0.5 * S },
      { type: 'dropped', scheduledUs: 1.5 * S },
    ]);
  });
});

describe('end of a run', () => {
  it('calls that have not ended within gracefulStop are left open', async () => {
    const executor: Executor = { executor: 'constant-vus', vus: 1, durationUs: S, wait: { kind: 'none' }, ...timing };
    expect(describeCalls(await driveLoad([executor], () => Infinity))).toEqual(['vu 1.0: due 0, 0–3 open']);
  });

  it('a stopped run starts no calls and leaves open calls open', async () => {
    const executor: Executor = {
      executor: 'constant-vus',
      vus: 1,
      durationUs: 60 * S,
      wait: { kind: 'none' },
      ...timing,
    };
    expect(describeCalls(await driveLoad([executor], () => 2, 5))).toEqual([
      'vu 1.0: due 0, 0–2 ok',
      'vu 1.1: due 2, 2–4 ok',
      'vu 1.2: due 4, 4–5 open',
    ]);
  });

  it('executors run in parallel, with VUs numbered across them', async () => {
    const first: Executor = {
      executor: 'per-vu-iterations',
      vus: 2,
      iterations: 1,
      maxDurationUs: S,
      wait: { kind: 'none' },
      ...timing,
    };
    const second: Executor = { ...first, startUs: S };
    expect(describeCalls(await driveLoad([first, second], () => 0.5))).toEqual([
      'vu 1.0: due 0, 0–0.5 ok',
      'vu 2.0: due 0, 0–0.5 ok',
      'vu 3.0: due 1, 1–1.5 ok',
      'vu 4.0: due 1, 1–1.5 ok',
    ]);
  });
});
