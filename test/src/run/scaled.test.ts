import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { QuotaLabError } from '../../../mock-server/error.ts';
import { analyse } from '../../../src/analysis/analyse.ts';
import { toleranceUs } from '../../../src/analysis/judging/tolerance.ts';
import { isRejected, waitBeforeUs } from '../../../src/analysis/run/attempts.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { median } from '../../../src/analysis/statistics/percentile.ts';
import { findFaketime } from '../../../src/client/find-faketime.ts';
import type { RunContext, RunOutcome } from '../../../src/run/run-context.ts';
import { runScenario } from '../../../src/run/run-scenario.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { findByEnvironment } from '../../processes.ts';
import { describeWith, PYTHON } from '../../real-parts.ts';

const FOLDER = fileURLToPath(new URL('./clients', import.meta.url));
const S = 1_000_000;

/** The article's twenty users and waits, with so little quota that calls are refused even on a busy machine. */
const ARTICLE: Omit<ScenarioInput, 'client'> = {
  name: 'article',
  provider: {
    limits: [
      {
        name: 'requests',
        scope: 'organization',
        unit: 'requests',
        algorithm: 'token-bucket',
        capacity: 1,
        refill: '1/s',
      },
    ],
  },
  load: [{ executor: 'constant-vus', vus: 20, duration: '10m', wait: { between: ['200ms', '500ms'] } }],
};

async function runInput(
  input: ScenarioInput,
  options: Partial<RunContext> = {},
): Promise<RunOutcome & { readonly printed: string }> {
  let printed = '';
  const outcome = await runScenario(await scenarioFrom(input, FOLDER), {
    tool: 'test',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => {
      printed += text;
    },
    ...options,
  });
  return { ...outcome, printed };
}

/** Returns what a run has left behind: processes on its clock, and its shared memory. Killed processes take a moment to exit. */
function findLeftovers(shared: string): string[] {
  expect(shared).toMatch(/^\/faketime_sem_\d+ \/faketime_shm_\d+$/);
  const [semaphore, memory] = shared.split(' ') as [string, string];
  const files = [`/dev/shm/sem.${semaphore.slice(1)}`, `/dev/shm${memory}`].filter((file) => existsSync(file));
  return [...files, ...findByEnvironment(shared)];
}

const sharedClock = (printed: string): string => /^\/faketime_sem_\S+ \S+$/m.exec(printed)![0];

describeWith(['faketime', 'python3-aiohttp'], 'ten minutes of Python in ten seconds: scaled by 60', () => {
  let run: Run;
  let printed: string;
  beforeAll(async () => {
    const client = { command: [PYTHON, 'retrying_worker.py'], protocol: 'worker' as const };
    const outcome = await runInput({ ...ARTICLE, time: { scaled: 60 }, client });
    expect(outcome.clientError).toBeUndefined();
    run = readRun(outcome.records);
    printed = outcome.printed;
  }, 120_000);

  it('lasts ten minutes on the clock of its journal', () => {
    expect(run.header).toMatchObject({ time: 'scaled', scenario: { speed: 60 } });
    expect(run.endUs).toBeGreaterThanOrEqual(600 * S);
    expect(run.attempts.filter(isRejected).length).toBeGreaterThan(100);
    expect(run.attempts.every(({ joinedBy }) => joinedBy === 'tag')).toBe(true);
  });

  it.each([1, 2, 3])('waits before retry %i match the sleep of the client, within the tolerance', (retry) => {
    const gaps = run.calls.flatMap(({ attempts }) =>
      attempts[retry] ? [waitBeforeUs(attempts[retry - 1]!, attempts[retry])] : [],
    );
    const sleptUs = 2 ** (retry - 1) * S;
    expect(gaps.length).toBeGreaterThan(30);
    // The gap starts when the reply was sent; the client sleeps only after reading it.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(sleptUs);
    expect(median(gaps) - sleptUs).toBeLessThan(toleranceUs(run));
  });

  it('verdicts that do not depend on milliseconds equal those of the same client in virtual time', async () => {
    const load = ARTICLE.load!.map((executor) => ({ ...executor, duration: '2m' }));
    const { records } = await runInput({ ...ARTICLE, load, client: { module: 'retrying-client.ts' } });
    const virtual = readRun(records);
    const statuses = (of: Run): Record<string, string> =>
      Object.fromEntries(analyse(of).verdicts.map(({ id, status }) => [id, status]));
    const [scaled, inVirtualTime] = [statuses(run), statuses(virtual)];
    for (const id of TIMING_INDEPENDENT) expect([id, scaled[id]]).toEqual([id, inVirtualTime[id]]);
    const perCall = (of: Run): number => of.attempts.length / of.calls.length;
    expect(perCall(run) / perCall(virtual)).toBeGreaterThan(0.4);
    expect(perCall(run) / perCall(virtual)).toBeLessThan(2.5);
  }, 120_000);

  it('leaves no process and no shared memory', async () => {
    await expect.poll(() => findLeftovers(sharedClock(printed))).toEqual([]);
  });
});

/** Verdicts that stay the same although real processing time counts 60-fold and changes the number of attempts. */
const TIMING_INDEPENDENT = [
  'unbounded-retries',
  'swallows-rejection',
  'layered-retries',
  'retries-non-retryable',
  'hides-retries',
  'hedges',
];

interface ClockReport {
  readonly requests: readonly {
    readonly call: number;
    readonly before: number;
    readonly date: number;
    readonly after: number;
  }[];
  readonly slept: number;
  readonly child: number;
  readonly end: number;
  readonly shared: string;
}

describeWith(['faketime', 'python3-httpx'], 'one process per call, scaled by 60', () => {
  let reports: ClockReport[];
  let run: Run;
  beforeAll(async () => {
    const outcome = await runInput({
      name: 'clocks',
      time: { scaled: 60 },
      provider: {
        limits: [{ name: 'requests', unit: 'requests', algorithm: 'token-bucket', capacity: 1, refill: '1/3m' }],
        retryAfter: 'http-date',
      },
      client: { command: [PYTHON, 'report_clocks.py'] },
      load: [{ executor: 'per-vu-iterations', vus: 1, iterations: 3, maxDuration: '1h' }],
    });
    expect(outcome.clientError).toBeUndefined();
    run = readRun(outcome.records);
    reports = outcome.printed
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as ClockReport] : []));
  }, 120_000);

  it('calls are refused, sleep until the requested date, and succeed', () => {
    expect(run.calls.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok']);
    expect(run.attempts.filter(isRejected).length).toBeGreaterThanOrEqual(2);
    const early = analyse(run).verdicts.filter(({ id }) => id === 'ignores-retry-after' || id === 'retries-too-early');
    expect(early.map(({ status }) => status)).not.toContain('fail');
  });

  it("the Date header lies between the client's clock before and after the request, in whole seconds", () => {
    const requests = reports.flatMap((report) => report.requests);
    expect(requests.length).toBeGreaterThanOrEqual(5);
    for (const { before, date, after } of requests) {
      expect(date).toBeGreaterThanOrEqual(Math.floor(before) - 1);
      expect(date).toBeLessThanOrEqual(after + 1);
    }
  });

  it('all processes of a run and their children share one monotonic clock', () => {
    const times = reports.flatMap(({ requests, child, end }) => [
      ...requests.flatMap(({ before, after }) => [before, after]),
      child,
      end,
    ]);
    expect(times.length).toBeGreaterThanOrEqual(16);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    for (const { slept } of reports) expect(slept).toBeGreaterThanOrEqual(1);
    expect(new Set(reports.map(({ shared }) => shared)).size).toBe(1);
  });
});

describeWith(['faketime', 'python3-aiohttp'], 'a scaled run that cannot continue', () => {
  const client = { command: [PYTHON, 'retrying_worker.py'], protocol: 'worker' as const };

  it('a client without libfaketime is detected and ends the run', async () => {
    const command = ['/usr/bin/env', '-u', 'LD_PRELOAD', PYTHON, 'retrying_worker.py'];
    const { clientError, stopped } = await runInput({
      ...ARTICLE,
      time: { scaled: 2 },
      client: { ...client, command },
    });
    expect(stopped).toBe('client-exited');
    expect(clientError).toMatchObject({ code: 'client/outside-scaled-time' });
    expect((clientError as QuotaLabError).problems).toEqual([
      expect.objectContaining({
        path: 'client.command',
        message: expect.stringMatching(/python3[.\d]* has not loaded/),
      }),
    ]);
  }, 60_000);

  it('a child process in real time is reported once, and the run continues', async () => {
    const command = ['/bin/sh', '-c', `env -u LD_PRELOAD sleep 300 & exec ${PYTHON} retrying_worker.py`];
    const { clientError, stopped, printed } = await runInput({
      ...ARTICLE,
      time: { scaled: 60 },
      client: { ...client, command },
      load: [{ executor: 'constant-vus', vus: 1, duration: '3m' }],
    });
    expect([clientError, stopped]).toEqual([undefined, undefined]);
    expect(printed.match(/sleep has not loaded libfaketime: .* its waits last 60 times as long\n/g)).toHaveLength(1);
    await expect.poll(() => findLeftovers(sharedClock(printed))).toEqual([]);
  }, 60_000);

  it('an interrupt keeps the records so far and leaves nothing behind', async () => {
    const interrupt = new AbortController();
    const { stopped, printed, records } = await runInput(
      { ...ARTICLE, time: { scaled: 60 }, client },
      { interrupted: interrupt.signal, onTick: () => interrupt.abort() },
    );
    expect(stopped).toBe('interrupted');
    expect(records.filter(({ type }) => type === 'attempt').length).toBeGreaterThan(0);
    await expect.poll(() => findLeftovers(sharedClock(printed))).toEqual([]);
  }, 60_000);
});

describe('a scaled run that cannot start', () => {
  it.each([
    ['darwin', 'arm64', /^brew install libfaketime, or set LIBFAKETIME/],
    ['linux', 'unknown-arch', /^apt-get install faketime, or set LIBFAKETIME/],
  ] as const)('says how to install libfaketime on %s', (platform, arch, hint) => {
    const here = { platform, arch: arch as NodeJS.Architecture };
    if (['/usr/lib64', '/usr/lib', '/usr/local/lib'].some((folder) => existsSync(`${folder}/faketime`))) return;
    expect(() => findFaketime(here, undefined)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'time', hint: expect.stringMatching(hint) })],
      }),
    );
  });

  it('rejects a missing LIBFAKETIME', async () => {
    process.env.LIBFAKETIME = '/missing/libfaketime.so.1';
    try {
      const input = { ...ARTICLE, time: { scaled: 60 }, client: { command: [process.execPath, 'x.js'] } };
      await expect(runInput(input)).rejects.toMatchObject({
        code: 'client/no-faketime',
        origin: 'input',
        problems: [{ path: 'time', message: 'there is no file /missing/libfaketime.so.1' }],
      });
    } finally {
      delete process.env.LIBFAKETIME;
    }
  });
});
