import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { digest } from '../mock-server/digest.ts';
import type { Exchange } from '../mock-server/exchange.ts';
import { listen } from '../mock-server/listen.ts';
import { createProvider } from '../mock-server/provider.ts';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { startAutocannon } from '../src/client/autocannon-load.ts';
import { providerEnvironment } from '../src/client/client.ts';
import { plainRequest } from '../src/client/plain-request.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import type { CallRecord } from '../src/journal/call-records.ts';
import { readJournal } from '../src/journal/journal-reader.ts';
import type { JournalRecord } from '../src/journal/record.ts';
import type { SecondRecord } from '../src/journal/second-record.ts';
import { CHARTS } from '../src/report/charts/charts.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { AutocannonCode } from '../src/scenario/scenario.ts';
import { quotalabHere as quotalab } from './in-process.ts';
import { BIN } from './quotalab.ts';
import { runToEnd } from './run-to-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-raw-'));

/** Low enough that even a busy machine saturates it. */
const PROVIDER = `
provider:
  limits: [{ name: requests, scope: organization, capacity: 10, refill: 20/s }]
  latency: { firstToken: 0, perToken: 0 }
`;

function scenario(autocannon: string, provider = PROVIDER, more = ''): string {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, `name: raw\n${provider}\nclient: { autocannon: ${autocannon} }\n${more}`);
  return file;
}

async function run(file: string): Promise<readonly JournalRecord[]> {
  return await runToEnd(await loadScenario(file));
}

const of = <Type extends JournalRecord['type']>(records: readonly JournalRecord[], type: Type) =>
  records.filter((record): record is Extract<JournalRecord, { type: Type }> => record.type === type);

async function findProblems(file: string): Promise<unknown> {
  return loadScenario(file).then(
    () => 'no problems',
    (error) => error.problems.map(({ path, message }: { path: string; message: string }) => [path, message]),
  );
}

describe('a limiter under saturation', () => {
  /** Reference: how many requests at these times a bucket of 10 with 20/s admits. */
  function countAdmittedByBucket(times: readonly number[]): number {
    let [level, last, admitted] = [10, 0, 0];
    for (const s of times) {
      level = Math.min(10, level + 20 * (s - last));
      last = s;
      if (level < 1) continue;
      level--;
      admitted++;
    }
    return admitted;
  }

  /** Reference: the same for 8 in any 400 ms. */
  function countAdmittedByLog(times: readonly number[]): number {
    const admitted: number[] = [];
    for (const s of times) if (s - (admitted.at(-8) ?? -1) >= 0.4) admitted.push(s);
    return admitted.length;
  }

  /** Gaps up to this count as continuous load; longer pauses of a busy machine count as idle time. */
  const MAX_LOAD_GAP_S = 0.005;
  const bucket = {
    countAdmitted: countAdmittedByBucket,
    min: (s: number) => 10 + 20 * s - 2,
    max: (s: number) => 10 + 20 * s,
  };
  const log = {
    countAdmitted: countAdmittedByLog,
    min: (s: number) => 8 * Math.floor(s / (0.4 + MAX_LOAD_GAP_S)),
    max: (s: number) => 8 * (Math.floor(s / 0.4) + 1),
  };

  it.each([
    { limit: 'algorithm: token-bucket, capacity: 10, refill: 20/s', rule: bucket },
    { limit: 'algorithm: leaky-bucket, rate: 20/s, burst: 9, nodelay: true', rule: bucket },
    { limit: 'algorithm: sliding-window-log, amount: 8, window: 400ms', rule: log },
  ])('$limit: admits exactly the expected requests', async ({ limit, rule }) => {
    const limits = `limits: [{ name: requests, scope: organization, ${limit} }]`;
    const provider = `provider: { ${limits}, latency: { firstToken: 0, perToken: 0 } }`;
    const records = await run(scenario('{ connections: 10, duration: 3s, records: each }', provider));
    const attempts = of(records, 'attempt').sort((a, b) => a.startUs - b.startUs || a.id - b.id);
    const admitted = attempts.filter(({ status }) => status === 200).length;
    const denied = attempts.filter(({ deniedBy }) => deniedBy === 'requests').length;
    expect(denied).toBeGreaterThan(20);
    expect(admitted + denied).toBe(attempts.length);

    const times = attempts.map(({ startUs }) => (startUs - attempts[0]!.startUs) / 1e6);
    const seconds = times.at(-1)!;
    expect(Math.abs(admitted - rule.countAdmitted(times))).toBeLessThanOrEqual(1);
    expect(admitted).toBeLessThanOrEqual(rule.max(seconds) + 1);
    const gaps = times.slice(1).map((s, index) => s - times[index]!);
    const idle = gaps.filter((s) => s > MAX_LOAD_GAP_S).reduce((sum, s) => sum + s, 0);
    expect(admitted).toBeGreaterThanOrEqual(rule.min(seconds - idle));
  });

  it('the same holds for counts per second, and reports show it', async () => {
    const records = await run(
      scenario(
        '{ connections: 10, duration: 2s }',
        PROVIDER,
        "thresholds: { 'attempts{status:200}': count>20, attempts_per_call: p(95)<2 }",
      ),
    );
    expect(of(records, 'attempt')).toEqual([]);
    const result = readRun(records);
    const { limits, metrics, thresholds, verdicts } = analyse(result);
    const [use] = limits;
    expect(use!.denied).toBeGreaterThan(20);
    expect(use!.admitted).toBeLessThanOrEqual(use!.admissible!);
    expect(use!.admitted).toBeGreaterThan(20);

    const metric = (name: string) =>
      metrics.find((other) => other.name === name) as never as Record<string, number & number[]>;
    const attempts = metric('attempts').count!;
    expect(attempts).toBe(use!.admitted + use!.denied);
    expect(metric('attempt_rejected')).toMatchObject({ hits: use!.denied, samples: attempts });
    // Requests in flight on ten connections at the end are counted by one side only.
    expect(Math.abs(metric('calls').count! - attempts)).toBeLessThanOrEqual(10);
    expect(metric('call_duration').sorted!.length).toBe(metric('call_failed').samples);
    expect(metric('call_duration').sorted).toEqual(metric('call_duration').sorted!.toSorted((a, b) => a - b));
    // Metrics that need single attempts have no samples, and thresholds on them fail.
    expect(thresholds.map(({ metric: name, ok, samples }) => [name, ok, samples > 0])).toEqual([
      ['attempts{status:200}', true, true],
      ['attempts_per_call', false, false],
    ]);
    expect(new Set(verdicts.map(({ status }) => status))).toEqual(new Set(['not-applicable']));
    expect(verdicts[0]!.reason).toContain('no client to judge');
  });
});

describe('the counts of autocannon equal those of the provider', () => {
  const ONE_SECOND: AutocannonCode = {
    kind: 'autocannon',
    connections: 8,
    durationUs: 1_000_000,
    pipelining: 1,
    timeoutUs: 10_000_000,
    workers: 1,
    records: 'seconds',
  };

  /** Sends to a provider that admits 10/s. Returns the counts of autocannon, of the journal and of the provider. */
  async function fire(code: AutocannonCode) {
    const clock = wallClock();
    const { provider: settings } = await loadScenario(
      scenario(
        '{}',
        'provider: { limits: [{ capacity: 100, refill: 10/s }], latency: { firstToken: 0, perToken: 0 } }',
      ),
    );
    const exchanges: Exchange[] = [];
    const provider = createProvider(settings, digest, undefined as never);
    const server = await listen(provider, { nowUs: clock.nowUs, onExchange: (exchange) => exchanges.push(exchange) });
    const records: (CallRecord | SecondRecord)[] = [];
    const env = providerEnvironment(server.url, settings);
    const load = await startAutocannon(code, {
      requests: [plainRequest('openai', env, { model: 'gpt-4o-mini', prompt: 'hi', stream: false })],
      clockOriginUs: clock.originUs,
      allowHosts: [],
      print: () => {},
      record: (record) => records.push(record),
    });
    provider.start(clock.nowUs());
    const count = await load.fire(clock.nowUs());
    await load.end();
    await server.close();
    const calls = records.flatMap((record) => (record.type === 'second' ? (record.calls ?? []) : []));
    const answered = exchanges.filter(({ outcome }) => outcome === 'response');
    return { count, calls, answered };
  }

  it.each([1, 3])('an amount, from %i threads: exactly', async (workers) => {
    const { count, calls, answered } = await fire({ ...ONE_SECOND, amount: 2000, workers });
    const statuses = Map.groupBy(answered, ({ view }) => String(view.status));
    expect(answered).toHaveLength(2000);
    expect(count).toEqual({
      completed: 2000,
      non2xx: statuses.get('429')!.length,
      byStatus: Object.fromEntries([...statuses].map(([status, all]) => [status, all.length])),
      errors: 0,
      timeouts: 0,
    });
    expect(calls.reduce((sum, group) => sum + group.count, 0)).toBe(2000);
    expect(count.byStatus['200']).toBeGreaterThanOrEqual(100);
  });

  it('a duration: except requests in flight at its end', async () => {
    const { count, calls, answered } = await fire(ONE_SECOND);
    const ended = calls.filter(({ result }) => result !== 'open').reduce((sum, group) => sum + group.count, 0);
    expect(count.completed).toBe(ended);
    expect(count.completed).toBeGreaterThan(8);
    expect(answered.length - count.completed).toBeGreaterThanOrEqual(0);
    expect(answered.length - count.completed).toBeLessThanOrEqual(8);
  });
});

describe('the journal', () => {
  it('records each request up to a rate, joined by its tag, one attempt per call', async () => {
    const records = await run(scenario('{ connections: 4, rate: 200, duration: 2s, pipelining: 2 }'));
    const [calls, attempts] = [of(records, 'call'), of(records, 'attempt')];
    expect(of(records, 'second')).toEqual([]);
    expect(calls.length).toBeGreaterThan(50);
    expect(calls.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(calls.map((_, index) => index + 1));
    const ended = calls.filter(({ result }) => result !== 'open').map(({ id }) => id);
    const tagged = attempts.map(({ call, joinedBy }) => (joinedBy === 'tag' ? call : null));
    expect(new Set(tagged).size).toBe(attempts.length);
    expect(ended.filter((id) => !tagged.includes(id))).toEqual([]);
    for (const { id, status } of attempts.map(({ call, status }) => ({ id: call, status }))) {
      const call = calls.find((other) => other.id === id)!;
      if (call.result !== 'open') expect(call.error?.status).toBe(status === 200 ? undefined : status);
    }
    expect(new Set(calls.map(({ vu }) => vu))).toEqual(new Set([1, 2, 3, 4]));
  });

  it('with counts per second gives the same report when read again', async () => {
    const file = scenario(
      '{ connections: 4, amount: 1000, records: seconds }',
      PROVIDER,
      'thresholds: { attempt_rejected: rate>0.1 }',
    );
    const { code, stdout } = await quotalab(['run', file, '-q', '--json', '--no-charts', '-o', 'out'], { cwd: folder });
    expect(code).toBe(0);
    const again = await quotalab(['report', 'out/journal.jsonl', '--json', '-o', 'again'], { cwd: folder });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(stdout));
    const charts = readdirSync(join(folder, 'again')).filter((file) => file.endsWith('.png'));
    expect(charts).toContain('load.png');
    expect(CHARTS.filter(({ needs }) => !needs.includes('records')).map(({ file }) => file)).toEqual(
      expect.arrayContaining(charts),
    );
    const summary = readFileSync(join(folder, 'again/summary.txt'), 'utf8');
    expect(summary).toContain('client  autocannon, 4 connections');
    expect(summary).toMatch(
      /requests: refused \d+ attempts; \d+ requests admitted, \d+(\.\d+)?% of what it could admit/,
    );
    expect(summary).toContain('– none: raw load sends each request once');
  }, 60_000);
});

describe('failures', () => {
  it('an interrupted run ends at once and keeps its records', async () => {
    const file = scenario('{ connections: 4, duration: 10m, workers: 2 }');
    const child = spawn(process.execPath, [BIN, 'run', file, '--no-charts', '-o', 'stopped'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const stdout = text(child.stdout);
    const journal = join(folder, 'stopped/journal.jsonl');
    while (!existsSync(journal) || !readFileSync(journal, 'utf8').includes('"second"')) await setTimeout(50);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(await stdout).toContain('PARTIAL: the run was interrupted');
    const run = readRun(await readJournal(journal));
    expect(run.stopped).toBe('interrupted');
    expect(run.seconds.length).toBeGreaterThan(0);
    expect(run.endUs).toBeLessThan(600e6);
  }, 60_000);

  it('a threshold with abortOnFail ends it', async () => {
    const abort = "thresholds: { attempt_rejected: [{ threshold: 'rate<0.01', abortOnFail: true }] }";
    const file = scenario('{ connections: 4, duration: 10m }', PROVIDER, abort);
    const { code, stdout } = await quotalab(['run', file, '-q', '--no-charts', '-o', 'aborted'], { cwd: folder });
    expect([code, stdout.includes('a threshold with abortOnFail failed')]).toEqual([99, true]);
  }, 60_000);

  it('bad input: every problem is reported, and nothing runs', async () => {
    const file = scenario('{ connections: 2, rate: 0.5, workers: 3, amount: 1, recrods: each }');
    expect(await findProblems(file)).toEqual([
      ['client.autocannon.recrods', expect.stringContaining('unknown key')],
      ['client.autocannon.rate', 'must be a whole number of requests per second: autocannon supports no fractions'],
      ['client.autocannon.workers', 'must not exceed connections (2)'],
      ['client.autocannon.amount', 'must be at least connections (2)'],
      ['client.autocannon.recrods', 'each requires workers: 1'],
    ]);
    const both = 'time: virtual\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]';
    expect(await findProblems(scenario('{}', PROVIDER, both))).toEqual([
      ['time', 'cannot be virtual for autocannon, which runs in wall time'],
      ['load', 'cannot be combined with autocannon, which defines its own load'],
    ]);
    const none = join(folder, 'none.yaml');
    writeFileSync(none, 'name: none\nclient: { module: 5 }\n');
    expect(await findProblems(none)).toEqual([
      ['load', 'is required'],
      ['client.module', 'must be a string, not 5'],
    ]);
  });

  it('broken connections are failed calls, and the load continues', async () => {
    const broken = `${PROVIDER}  faults: [{ at: 0s, for: 10s, kind: reset, rate: 20% }]`;
    const records = await run(scenario('{ connections: 4, amount: 400 }', broken));
    const calls = of(records, 'call');
    const errors = Map.groupBy(calls, ({ error }) => error?.name ?? 'none');
    expect(errors.get('ConnectionError')!.length).toBeGreaterThan(10);
    expect(errors.get('none')!.length).toBeGreaterThan(5);
    expect(of(records, 'attempt').some(({ outcome }) => outcome === 'reset')).toBe(true);
  });

  it('a run without any reply is an error', async () => {
    const file = scenario('{ connections: 2, duration: 300ms }');
    const unusedPort = 'client: { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" }, ';
    writeFileSync(file, readFileSync(file, 'utf8').replace('client: { ', unusedPort));
    const { code, stdout, stderr } = await quotalab(['run', file, '-q', '--no-charts', '-o', 'none'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('no request of autocannon was answered (client/no-answer)');
    expect(stdout).toMatch(/reply {5}ConnectionError, connect ECONNREFUSED 127.0.0.1:9: \d+, /);
  });

  it('another host is not reached', async () => {
    const file = scenario('{ connections: 2, duration: 20s }', PROVIDER);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('client: { ', 'client: { env: { OPENAI_BASE_URL: "http://192.0.2.1/v1" }, '),
    );
    const { code, stderr } = await quotalab(['run', file, '-q', '--no-charts', '-o', 'foreign'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('tried to reach 192.0.2.1');
  });
});
