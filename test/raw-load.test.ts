import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../mock-server/exchange.ts';
import { digest, listen } from '../mock-server/listen.ts';
import { createProvider } from '../mock-server/provider.ts';
import { analyse } from '../src/analysis/analyse.ts';
import { readRun } from '../src/analysis/run/run-view.ts';
import { startAutocannon } from '../src/client/autocannon-load.ts';
import { providerEnvironment } from '../src/client/client.ts';
import { plainRequest } from '../src/client/plain-request.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { readJournal } from '../src/journal/journal-reader.ts';
import type { CallRecord, JournalRecord } from '../src/journal/record.ts';
import type { SecondRecord } from '../src/journal/second-record.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { AutocannonCode } from '../src/scenario/scenario.ts';
import { BIN, quotalab } from './quotalab.ts';
import { runToEnd } from './run-to-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-raw-'));

/** Slow enough to be saturated by a machine that has much else to do. */
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

async function problemsOf(file: string): Promise<unknown> {
  return loadScenario(file).then(
    () => 'it was read',
    (error) => error.problems.map(({ path, message }: { path: string; message: string }) => [path, message]),
  );
}

describe('a limiter under saturation', () => {
  /** What a bucket of 10 that gets 20 a second lets in of requests at these moments, by hand. */
  function ofBucket(moments: readonly number[]): number {
    let [level, last, admitted] = [10, 0, 0];
    for (const s of moments) {
      level = Math.min(10, level + 20 * (s - last));
      last = s;
      if (level < 1) continue;
      level--;
      admitted++;
    }
    return admitted;
  }

  /** The same of 8 in any 400 ms. */
  function ofLog(moments: readonly number[]): number {
    const admitted: number[] = [];
    for (const s of moments) if (s - (admitted.at(-8) ?? -1) >= 0.4) admitted.push(s);
    return admitted.length;
  }

  /** Requests that come so close are as good as always there; longer pauses of a busy machine are time without load. */
  const CLOSE_S = 0.005;
  const bucket = { of: ofBucket, least: (s: number) => 10 + 20 * s - 2, most: (s: number) => 10 + 20 * s };
  const log = {
    of: ofLog,
    least: (s: number) => 8 * Math.floor(s / (0.4 + CLOSE_S)),
    most: (s: number) => 8 * (Math.floor(s / 0.4) + 1),
  };

  it.each([
    { limit: 'algorithm: token-bucket, capacity: 10, refill: 20/s', rule: bucket },
    { limit: 'algorithm: leaky-bucket, rate: 20/s, burst: 9, nodelay: true', rule: bucket },
    { limit: 'algorithm: sliding-window-log, amount: 8, window: 400ms', rule: log },
  ])(
    '$limit: it lets in exactly what it should',
    async ({ limit, rule }) => {
      const limits = `limits: [{ name: requests, scope: organization, ${limit} }]`;
      const provider = `provider: { ${limits}, latency: { firstToken: 0, perToken: 0 } }`;
      const records = await run(scenario('{ connections: 10, duration: 3s, records: each }', provider));
      const attempts = of(records, 'attempt').sort((a, b) => a.startUs - b.startUs || a.id - b.id);
      const admitted = attempts.filter(({ status }) => status === 200).length;
      const denied = attempts.filter(({ deniedBy }) => deniedBy === 'requests').length;
      expect(denied).toBeGreaterThan(20);
      expect(admitted + denied).toBe(attempts.length);

      const moments = attempts.map(({ startUs }) => (startUs - attempts[0]!.startUs) / 1e6);
      const seconds = moments.at(-1)!;
      expect(Math.abs(admitted - rule.of(moments))).toBeLessThanOrEqual(1);
      expect(admitted).toBeLessThanOrEqual(rule.most(seconds) + 1);
      const pauses = moments.slice(1).map((s, index) => s - moments[index]!);
      const idle = pauses.filter((s) => s > CLOSE_S).reduce((sum, s) => sum + s, 0);
      expect(admitted).toBeGreaterThanOrEqual(rule.least(seconds - idle));
    },
    30_000,
  );

  it('counted by the second, the same holds, and the reports say so', async () => {
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
      metrics.find((one) => one.name === name) as never as Record<string, number & number[]>;
    const attempts = metric('attempts').count!;
    expect(attempts).toBe(use!.admitted + use!.denied);
    expect(metric('attempt_rejected')).toMatchObject({ hits: use!.denied, samples: attempts });
    // What is under way on ten connections at the end is counted by one side only.
    expect(Math.abs(metric('calls').count! - attempts)).toBeLessThanOrEqual(10);
    expect(metric('call_duration').sorted!.length).toBe(metric('call_failed').samples);
    expect(metric('call_duration').sorted).toEqual(metric('call_duration').sorted!.toSorted((a, b) => a - b));
    // What single attempts are needed for is not there, and a bound on it fails.
    expect(thresholds.map(({ metric: name, ok, samples }) => [name, ok, samples > 0])).toEqual([
      ['attempts{status:200}', true, true],
      ['attempts_per_call', false, false],
    ]);
    expect(new Set(verdicts.map(({ status }) => status))).toEqual(new Set(['not-applicable']));
    expect(verdicts[0]!.reason).toContain('no client to judge');
  }, 30_000);
});

describe('what autocannon counts is what the provider counts', () => {
  const ONE: AutocannonCode = {
    kind: 'autocannon',
    connections: 8,
    durationUs: 1_000_000,
    pipelining: 1,
    timeoutUs: 10_000_000,
    workers: 1,
    records: 'seconds',
  };

  /** Fires at a provider that lets ten a second in; returns what the three of them counted. */
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
    provider.begin(clock.nowUs());
    const count = await load.fire(clock.nowUs());
    await load.end();
    await server.close();
    const calls = records.flatMap((record) => (record.type === 'second' ? (record.calls ?? []) : []));
    const answered = exchanges.filter(({ outcome }) => outcome === 'response');
    return { count, calls, answered };
  }

  it.each([1, 3])('an amount, from %i threads: to the request', async (workers) => {
    const { count, calls, answered } = await fire({ ...ONE, amount: 2000, workers });
    const statuses = Map.groupBy(answered, ({ sight }) => String(sight.status));
    expect(answered).toHaveLength(2000);
    expect(count).toEqual({
      completed: 2000,
      non2xx: statuses.get('429')!.length,
      byStatus: Object.fromEntries([...statuses].map(([status, all]) => [status, all.length])),
      errors: 0,
      timeouts: 0,
    });
    expect(calls.reduce((sum, one) => sum + one.count, 0)).toBe(2000);
    expect(count.byStatus['200']).toBeGreaterThanOrEqual(100);
  });

  it('a duration: but for what is under way when it ends', async () => {
    const { count, calls, answered } = await fire(ONE);
    const ended = calls.filter(({ result }) => result !== 'open').reduce((sum, one) => sum + one.count, 0);
    expect(count.completed).toBe(ended);
    expect(count.completed).toBeGreaterThan(8);
    expect(answered.length - count.completed).toBeGreaterThanOrEqual(0);
    expect(answered.length - count.completed).toBeLessThanOrEqual(8);
  });
});

describe('the journal', () => {
  it('has each request up to a rate, joined by its tag, one attempt a call', async () => {
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
      const call = calls.find((one) => one.id === id)!;
      if (call.result !== 'open') expect(call.error?.status).toBe(status === 200 ? undefined : status);
    }
    expect(new Set(calls.map(({ vu }) => vu))).toEqual(new Set([1, 2, 3, 4]));
  });

  it('that is counted by the second tells the same when it is read again', async () => {
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
    expect(readdirSync(join(folder, 'again')).sort()).toEqual(
      expect.arrayContaining(['bucket.png', 'latency.png', 'load.png']),
    );
    const summary = readFileSync(join(folder, 'again/summary.txt'), 'utf8');
    expect(summary).toContain('client  autocannon, 4 connections');
    expect(summary).toMatch(
      /requests: refused \d+ attempts; \d+ requests admitted, \d+(\.\d+)?% of what it could admit/,
    );
    expect(summary).toContain('– none: raw load sends each request once');
  }, 60_000);
});

describe('what goes wrong', () => {
  it('an interrupted run ends at once, with what there is, and leaves nothing behind', async () => {
    const file = scenario('{ connections: 4, duration: 10m, workers: 2 }');
    const child = spawn(process.execPath, [BIN, 'run', file, '--no-charts', '-o', 'stopped'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const said = text(child.stdout);
    const journal = join(folder, 'stopped/journal.jsonl');
    while (!existsSync(journal) || !readFileSync(journal, 'utf8').includes('"second"')) await setTimeout(50);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(await said).toContain('PARTIAL: the run was interrupted');
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

  it('bad input: every problem, and none of it is run', async () => {
    const file = scenario('{ connections: 2, rate: 0.5, workers: 3, amount: 1, recrods: each }');
    expect(await problemsOf(file)).toEqual([
      ['client.autocannon.recrods', expect.stringContaining('unknown key')],
      ['client.autocannon.rate', 'must be a whole number of requests a second: autocannon knows no other'],
      ['client.autocannon.workers', 'are more than the 2 connections that they share'],
      ['client.autocannon.amount', 'is less than the 2 connections that share it'],
    ]);
    const both = 'time: virtual\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]';
    expect(await problemsOf(scenario('{}', PROVIDER, both))).toEqual([
      ['time', 'cannot be virtual for autocannon, which runs in wall time'],
      ['load', 'is written beside autocannon, which brings its own'],
    ]);
    const none = join(folder, 'none.yaml');
    writeFileSync(none, 'name: none\nclient: { module: 5 }\n');
    expect(await problemsOf(none)).toEqual([
      ['client.module', 'must be a string, not 5'],
      ['load', 'is required'],
    ]);
  });

  it('connections that break are calls that failed, and the load goes on', async () => {
    const broken = `${PROVIDER}  faults: [{ at: 0s, for: 10s, kind: reset, rate: 20% }]`;
    const records = await run(scenario('{ connections: 4, amount: 400 }', broken));
    const calls = of(records, 'call');
    const errors = Map.groupBy(calls, ({ error }) => error?.name ?? 'none');
    expect(errors.get('ConnectionError')!.length).toBeGreaterThan(10);
    expect(errors.get('none')!.length).toBeGreaterThan(5);
    expect(of(records, 'attempt').some(({ outcome }) => outcome === 'reset')).toBe(true);
  });

  it('nobody who answers is told, and is no result', async () => {
    const file = scenario('{ connections: 2, duration: 300ms }');
    const toNobody = 'client: { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" }, ';
    writeFileSync(file, readFileSync(file, 'utf8').replace('client: { ', toNobody));
    const { code, stdout, stderr } = await quotalab(['run', file, '-q', '--no-charts', '-o', 'none'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('none of the requests of autocannon was answered (client/no-answer)');
    expect(stdout).toMatch(/ANSWERS\n {4}ConnectionError, connect ECONNREFUSED 127.0.0.1:9: \d+, /);
  }, 30_000);

  it('another host than this one is not reached', async () => {
    const file = scenario('{ connections: 2, duration: 20s }', PROVIDER);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('client: { ', 'client: { env: { OPENAI_BASE_URL: "http://192.0.2.1/v1" }, '),
    );
    const { code, stderr } = await quotalab(['run', file, '-q', '--no-charts', '-o', 'foreign'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('tried to reach 192.0.2.1');
  }, 30_000);
});
