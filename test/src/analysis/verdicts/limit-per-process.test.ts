import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/analysis/run/run-view.ts';
import { limitPerProcess } from '../../../../src/analysis/verdicts/limit-per-process.ts';
import { noDeadline } from '../../../../src/analysis/verdicts/no-deadline.ts';
import { restartStampede } from '../../../../src/analysis/verdicts/restart-stampede.ts';
import type { ReplicaRecord } from '../../../../src/journal/record.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

/** The same run, each call on a replica. */
function onReplicas(run: Run, replicaOf: (call: number) => string, replicas: readonly ReplicaRecord[] = []): Run {
  const calls = run.calls.map((call) =>
    Object.assign(Object.create(call), { replica: replicaOf(call.id) }),
  ) as Run['calls'];
  return { ...run, calls, replicas };
}

/** Twenty seconds in which each of `count` replicas has a queue that lets `perSecond` go; the quota of 5/s admits 5. */
function fleet(count: number, perSecond: number, startMs = (atMs: number) => Math.max(0, atMs - 3000)): Run {
  const lines = Array.from({ length: 20 * count * perSecond }, (_, n) => {
    const atMs = Math.floor((1000 * n) / (count * perSecond));
    const status = n % (count * perSecond) < 5 ? 200 : 429;
    return { line: `c${n}.1 ${atMs}-${atMs + 1} ${status}`, atMs };
  });
  const run = runOf(strip(lines.map(({ line }) => line).join('\n')), { head: header([requestLimit(5, 5)]) });
  const held = run.calls.map((call) =>
    Object.assign(Object.create(call), { startUs: 1000 * startMs(call.startUs / 1000) }),
  ) as Run['calls'];
  return onReplicas({ ...run, calls: held }, (call) => String(1 + (call % count)));
}

describe('limit-per-process', () => {
  it('the limit is per pod: N replicas with a limiter of the whole quota send N times the quota', () => {
    const finding = limitPerProcess.judge(fleet(8, 5));
    expect(finding).toMatchObject({ status: 'fail', figure: 8, n: 8 });
    expect(finding.reason).toBe(
      '8 replicas, each held to 5/s by a limit of its own, send 40/s; the quota (requests) is 5/s.',
    );
  });

  it('a share of the quota for each of five replicas adds up to the quota', () => {
    expect(limitPerProcess.judge(fleet(5, 1))).toMatchObject({ status: 'pass', figure: 1 });
  });

  it('replicas that hold nothing back have no limit of their own', () => {
    expect(limitPerProcess.judge(fleet(8, 5, (atMs) => atMs)).status).toBe('not-applicable');
  });

  it('one process is not judged', () => {
    expect(limitPerProcess.judge(fleet(1, 5)).status).toBe('not-applicable');
  });
});

describe('restarts forget', () => {
  const restart: ReplicaRecord = { type: 'replica', replica: '1', atUs: 30e6, change: 'start', reason: 'restart' };
  /** A deploy at 30 s; the new process sends `burst` at once, to a bucket that has 1 left and regains 2 a second. */
  const deploy = (burst: number) =>
    onReplicas(
      runOf(
        strip(
          Array.from(
            { length: burst },
            (_, n) => `c${n}.1 ${30_000 + n}-${30_001 + n} ${n < 1 ? 200 : 429} before=${n < 1 ? 1 : 0}`,
          ).join('\n'),
        ),
        { head: header([requestLimit(2, 20)]), endMs: 60_000 },
      ),
      () => '1',
      [restart],
    );

  it('a limiter of 20 in the process starts with full allowance after each deploy: 20 where 1 + 2 fit', () => {
    const finding = restartStampede.judge(deploy(20));
    expect(finding).toMatchObject({ status: 'warn', figure: 20 / 3 });
    expect(finding.reason).toContain('20 calls sent their first attempt in the second after the start at 30s');
  });

  it('a process that starts at the pace of the quota passes', () => {
    expect(restartStampede.judge(deploy(2)).status).toBe('pass');
  });

  it('calls that the deploy cut have no deadline to miss', () => {
    const run = runOf(strip('c1.1 0-300000 503'), { head: header([requestLimit(2, 20)]), endMs: 900_000 });
    const calls = run.calls.map((call) => Object.assign(Object.create(call), { result: 'open', replica: '1' }));
    const stop = { ...restart, change: 'stop', atUs: calls[0].endUs } as const;
    expect(noDeadline.judge({ ...run, calls, replicas: [stop] }).status).toBe('not-applicable');
  });
});
