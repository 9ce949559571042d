import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { QuotaLabError } from '../../../mock-server/error.ts';
import { analyse } from '../../../src/analysis/analyse.ts';
import { toleranceUs } from '../../../src/analysis/judging/tolerance.ts';
import { gapUs, isRejected } from '../../../src/analysis/run/attempts.ts';
import { type Run, readRun } from '../../../src/analysis/run/run-view.ts';
import { median } from '../../../src/analysis/statistics/percentile.ts';
import { findFaketime } from '../../../src/client/find-faketime.ts';
import type { RunOptions, RunOutcome } from '../../../src/run/run-options.ts';
import { runScenario } from '../../../src/run/run-scenario.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { environmentHas } from '../../processes.ts';
import { describeWith, PYTHON } from '../../real-parts.ts';

const FOLDER = fileURLToPath(new URL('./clients', import.meta.url));
const NO_JOURNAL = { write: () => {}, writeLines: () => {}, flush: () => {}, close: () => {} };
const S = 1_000_000;

/** The article's twenty users and their rests; so little quota that even a machine too busy for their pace is refused. */
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

async function outcomeOf(
  input: ScenarioInput,
  options: Partial<RunOptions> = {},
): Promise<RunOutcome & { readonly printed: string }> {
  let printed = '';
  const outcome = await runScenario(await scenarioFrom(input, FOLDER), {
    tool: 'test',
    allowHosts: [],
    interrupted: new AbortController().signal,
    openJournal: () => NO_JOURNAL,
    print: (text) => {
      printed += text;
    },
    ...options,
  });
  return { ...outcome, printed };
}

/** Whatever a run may leave: programs on its clock, and the memory that holds it. What is killed takes a moment to go. */
function leftOf(shared: string): string[] {
  expect(shared).toMatch(/^\/faketime_sem_\d+ \/faketime_shm_\d+$/);
  const [semaphore, memory] = shared.split(' ') as [string, string];
  const files = [`/dev/shm/sem.${semaphore.slice(1)}`, `/dev/shm${memory}`].filter((file) => existsSync(file));
  return [...files, ...environmentHas(shared)];
}

const clockIn = (printed: string): string => /^\/faketime_sem_\S+ \S+$/m.exec(printed)![0];

describeWith(['faketime', 'python3-aiohttp'], 'ten minutes of Python in ten seconds, sixty times as fast', () => {
  let run: Run;
  let printed: string;
  beforeAll(async () => {
    const client = { command: [PYTHON, 'asks.py'], protocol: 'worker' as const };
    const outcome = await outcomeOf({ ...ARTICLE, time: { scaled: 60 }, client });
    expect(outcome.clientError).toBeUndefined();
    run = readRun(outcome.records);
    printed = outcome.printed;
  }, 120_000);

  it('is ten minutes long on the clock of its journal', () => {
    expect(run.header).toMatchObject({ time: 'scaled', scenario: { speed: 60 } });
    expect(run.endUs).toBeGreaterThanOrEqual(600 * S);
    expect(run.attempts.filter(isRejected).length).toBeGreaterThan(100);
    expect(run.attempts.every(({ joinedBy }) => joinedBy === 'tag')).toBe(true);
  });

  it.each([1, 2, 3])('waits before retry %i are what the client sleeps, within the tolerance', (retry) => {
    const gaps = run.calls.flatMap(({ attempts }) =>
      attempts[retry] ? [gapUs(attempts[retry - 1]!, attempts[retry])] : [],
    );
    const sleptUs = 2 ** (retry - 1) * S;
    expect(gaps.length).toBeGreaterThan(30);
    // It sleeps from when it has read the answer, which is after it was sent.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(sleptUs);
    expect(median(gaps) - sleptUs).toBeLessThan(toleranceUs(run));
  });

  it('verdicts that do not hang on milliseconds are those of the same client in virtual time', async () => {
    const load = ARTICLE.load!.map((executor) => ({ ...executor, duration: '2m' }));
    const { records } = await outcomeOf({ ...ARTICLE, load, client: { module: 'asks.ts' } });
    const virtual = readRun(records);
    const statuses = (of: Run): Record<string, string> =>
      Object.fromEntries(analyse(of).verdicts.map(({ id, status }) => [id, status]));
    const [scaled, jumped] = [statuses(run), statuses(virtual)];
    for (const id of ALIKE) expect([id, scaled[id]]).toEqual([id, jumped[id]]);
    const perCall = (of: Run): number => of.attempts.length / of.calls.length;
    expect(perCall(run) / perCall(virtual)).toBeGreaterThan(0.4);
    expect(perCall(run) / perCall(virtual)).toBeLessThan(2.5);
  }, 120_000);

  it('leaves no program and no memory', async () => {
    await expect.poll(() => leftOf(clockIn(printed))).toEqual([]);
  });
});

/** How often it tries follows from how long the machine takes for a request, sixty times; what it does then does not. */
const ALIKE = [
  'unbounded-retries',
  'swallows-rejection',
  'layered-retries',
  'retries-non-retryable',
  'hides-retries',
  'hedges',
];

interface Told {
  readonly seen: readonly {
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

describeWith(['faketime', 'python3-httpx'], 'programs that are started for each call, sixty times as fast', () => {
  let told: Told[];
  let run: Run;
  beforeAll(async () => {
    const outcome = await outcomeOf({
      name: 'clocks',
      time: { scaled: 60 },
      provider: {
        limits: [{ name: 'requests', unit: 'requests', algorithm: 'token-bucket', capacity: 1, refill: '1/3m' }],
        retryAfter: 'http-date',
      },
      client: { command: [PYTHON, 'clocks.py'] },
      load: [{ executor: 'per-vu-iterations', vus: 1, iterations: 3, maxDuration: '1h' }],
    });
    expect(outcome.clientError).toBeUndefined();
    run = readRun(outcome.records);
    told = outcome.printed.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Told] : []));
  }, 120_000);

  it('each was refused, slept until the date that it was told, and got in', () => {
    expect(run.calls.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok']);
    expect(run.attempts.filter(isRejected).length).toBeGreaterThanOrEqual(2);
    const early = analyse(run).verdicts.filter(({ id }) => id === 'ignores-retry-after' || id === 'retries-too-early');
    expect(early.map(({ status }) => status)).not.toContain('fail');
  });

  it("the date of an answer lies between the client's clock before and after, which is in whole seconds", () => {
    const seen = told.flatMap(({ seen: one }) => one);
    expect(seen.length).toBeGreaterThanOrEqual(5);
    for (const { before, date, after } of seen) {
      expect(date).toBeGreaterThanOrEqual(Math.floor(before) - 1);
      expect(date).toBeLessThanOrEqual(after + 1);
    }
  });

  it('all programs of a run, and what these start, are on one clock: later is later', () => {
    const moments = told.flatMap(({ seen, child, end }) => [
      ...seen.flatMap(({ before, after }) => [before, after]),
      child,
      end,
    ]);
    expect(moments.length).toBeGreaterThanOrEqual(16);
    expect(moments.toSorted((a, b) => a - b)).toEqual(moments);
    for (const { slept } of told) expect(slept).toBeGreaterThanOrEqual(1);
    expect(new Set(told.map(({ shared }) => shared)).size).toBe(1);
  });
});

describeWith(['faketime', 'python3-aiohttp'], 'a scaled run that cannot go on', () => {
  const client = { command: [PYTHON, 'asks.py'], protocol: 'worker' as const };

  it('a client that has not loaded libfaketime is found, and ends it', async () => {
    const command = ['/usr/bin/env', '-u', 'LD_PRELOAD', PYTHON, 'asks.py'];
    const { clientError, stopped } = await outcomeOf({
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

  it('what the client has started and keeps real time is told, once, and the run goes on', async () => {
    const command = ['/bin/sh', '-c', `env -u LD_PRELOAD sleep 300 & exec ${PYTHON} asks.py`];
    const { clientError, stopped, printed } = await outcomeOf({
      ...ARTICLE,
      time: { scaled: 60 },
      client: { ...client, command },
      load: [{ executor: 'constant-vus', vus: 1, duration: '3m' }],
    });
    expect([clientError, stopped]).toEqual([undefined, undefined]);
    expect(printed.match(/sleep has not loaded libfaketime: .* its waits last 60 times as long\n/g)).toHaveLength(1);
    await expect.poll(() => leftOf(clockIn(printed))).toEqual([]);
  }, 60_000);

  it('a user who interrupts it gets what there was, and nothing is left', async () => {
    const asked = new AbortController();
    const { stopped, printed, records } = await outcomeOf(
      { ...ARTICLE, time: { scaled: 60 }, client },
      { interrupted: asked.signal, onTick: () => asked.abort() },
    );
    expect(stopped).toBe('interrupted');
    expect(records.filter(({ type }) => type === 'attempt').length).toBeGreaterThan(0);
    await expect.poll(() => leftOf(clockIn(printed))).toEqual([]);
  }, 60_000);
});

describe('a scaled run that cannot begin', () => {
  it.each([
    ['darwin', 'arm64', /^brew install libfaketime, or set LIBFAKETIME/],
    ['linux', 'an-arch-of-nobody', /^apt-get install faketime, or set LIBFAKETIME/],
  ] as const)('on %s, how to install it', (platform, arch, hint) => {
    const here = { platform, arch: arch as NodeJS.Architecture };
    if (['/usr/lib64', '/usr/lib', '/usr/local/lib'].some((folder) => existsSync(`${folder}/faketime`))) return;
    expect(() => findFaketime(here, undefined)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'time', hint: expect.stringMatching(hint) })],
      }),
    );
  });

  it('where libfaketime is not, what to install', async () => {
    process.env.LIBFAKETIME = '/nobody/libfaketime.so.1';
    try {
      const input = { ...ARTICLE, time: { scaled: 60 }, client: { command: [process.execPath, 'x.js'] } };
      await expect(outcomeOf(input)).rejects.toMatchObject({
        code: 'client/no-faketime',
        fault: 'input',
        problems: [{ path: 'time', message: 'there is no file /nobody/libfaketime.so.1' }],
      });
    } finally {
      delete process.env.LIBFAKETIME;
    }
  });
});
