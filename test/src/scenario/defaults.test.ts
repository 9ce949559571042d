import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatDuration } from '../../../mock-server/duration.ts';
import type { QuotaLabError } from '../../../mock-server/error.ts';
import { parseAmount, parseDuration, parseRate } from '../../../mock-server/quantity.ts';
import { PRESETS } from '../../../src/retry/presets.ts';
import { scenarioJsonSchema } from '../../../src/scenario/json-schema.ts';
import { parseLimitLine } from '../../../src/scenario/limit-line.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';

const S = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'quotalab-defaults-'));
writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');

function writeScenario(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The example scenario of the design document. */
const EXAMPLE = `
name: article-token-bucket
about: Five requests a second, and a client that backs off 2**attempt seconds on 429.
seed: 1
time: wall
provider:
  dialect: openai
  limits:
    - { name: requests, scope: key, unit: requests, algorithm: token-bucket, capacity: 5, refill: 5/s, chargeRejected: none }
    - { name: month, scope: organization, unit: requests, algorithm: calendar-quota, amount: 100000, per: month }
  retryAfter: { literal: soon }
  latency: { firstToken: { p50: 300ms, p99: 900ms }, perToken: 12ms }
client: { module: ./client.ts }
load:
  - { executor: constant-vus, vus: 20, duration: 5m, wait: { between: [200ms, 500ms] } }
thresholds:
  call_duration: ['p(95)<20s']
  call_failed: ['rate<0.01', { threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: 10s }]
verdicts:
  ignores-retry-after: error
  synchronised-herd: warn
`;

const openaiNode = PRESETS.find(({ name }) => name === 'openai-node')?.model;

describe('a complete scenario', () => {
  it('resolves the example of the design document', async () => {
    const scenario = await loadScenario(writeScenario('example.yaml', EXAMPLE));
    expect(scenario.provider.limits).toEqual([
      {
        name: 'requests',
        scope: ['key'],
        unit: 'requests',
        spec: { algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } },
        chargeRejected: 'none',
      },
      {
        name: 'month',
        scope: ['organization'],
        unit: 'requests',
        spec: { algorithm: 'calendar-quota', amount: 100_000, per: 'month', timeZone: 'UTC', resetHour: 0 },
        chargeRejected: 'none',
      },
    ]);
    expect(scenario.load).toEqual([
      {
        executor: 'constant-vus',
        vus: 20,
        durationUs: 300 * S,
        wait: { kind: 'between', minUs: 200_000, maxUs: 500_000 },
        startUs: 0,
        gracefulStopUs: 30 * S,
      },
    ]);
    expect(scenario.thresholds).toEqual([
      { metric: 'call_duration', expression: 'p(95)<20s', abortOnFail: false, delayAbortEvalUs: 0 },
      { metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 },
      { metric: 'call_failed', expression: 'rate<0.5', abortOnFail: true, delayAbortEvalUs: 10 * S },
    ]);
    expect(scenario.verdicts).toEqual({ 'ignores-retry-after': 'error', 'synchronised-herd': 'warn' });
  });

  it('fills in a default for every optional key', async () => {
    const text =
      'name: small\nclient: { module: client.ts }\nload: [{ executor: constant-arrival-rate, rate: 5/s, duration: 1m }]\n';
    expect(await loadScenario(writeScenario('small.yaml', text))).toEqual({
      name: 'small',
      seed: 1,
      time: 'virtual',
      startUs: Date.UTC(2026, 0, 1) * 1000,
      provider: {
        dialect: 'openai',
        faults: [],
        seed: 1,
        limits: [],
        retryAfter: 'ceil-seconds',
        headers: 'full',
        latency: { firstToken: { p50Us: 300_000, p99Us: 900_000 }, perToken: { fixedUs: 12_000 } },
        answer: 'lorem',
        answerTokens: 40,
        account: 'paid',
        callTools: 'once',
        headersShow: 'longest',
        messageWait: 'integer',
        quotaCodes: 'legacy',
        dateSkewsUs: [],
        shouldRetry: null,
        tokenizer: 'characters',
        estimator: 'max',
        keys: 'any',
        models: [],
        organization: 'org-quotalab',
      },
      client: {
        code: { kind: 'module', module: join(folder, 'client.ts') },
        written: 'client.ts',
        env: {},
        model: openaiNode,
        assumed: true,
      },
      call: { model: 'gpt-4o-mini', stream: false },
      load: [
        {
          executor: 'constant-arrival-rate',
          ratePerSecond: 5,
          durationUs: 60 * S,
          arrivals: 'uniform',
          maxVus: 1000,
          startUs: 0,
          gracefulStopUs: 30 * S,
        },
      ],
      thresholds: [],
      verdicts: {},
    });
  });

  it('resolves a module like the equivalent YAML file', async () => {
    const module = `export default ${JSON.stringify(parse(EXAMPLE))};\n`;
    expect(await loadScenario(writeScenario('example.ts', module))).toEqual(
      await loadScenario(writeScenario('example.yaml', EXAMPLE)),
    );
  });
});

describe('the JSON schema for editors', () => {
  const file = new URL('../../../schema/scenario.schema.json', import.meta.url);

  it('equals the file in schema/ (written by npm run schema)', () => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('accepts the example and rejects a misspelt key', () => {
    const validate = new Ajv({ strict: false }).compile(scenarioJsonSchema());
    expect(validate(parse(EXAMPLE))).toBe(true);
    expect(validate({ ...parse(EXAMPLE), seeds: 1 })).toBe(false);
  });
});

describe('quantities', () => {
  it.each([
    ['250ms', 250_000],
    ['1m30s', 90 * S],
    ['6m0s', 360 * S],
    ['2h', 7200 * S],
    ['1d', 86_400 * S],
    ['1.5s', 1.5 * S],
    ['500us', 500],
    ['0', 0],
  ])('parses duration %s', (text, us) => {
    expect(parseDuration(text)).toEqual({ value: us });
  });

  it.each(['', '5', 'soon', '5 s', '-1s', '1s1', '1e3s'])('rejects duration "%s"', (text) => {
    expect(parseDuration(text)).toHaveProperty('error');
  });

  it.each([
    ['5/s', 5, S],
    ['500/min', 500, 60 * S],
    ['90k/min', 90_000, 60 * S],
    ['10000/day', 10_000, 86_400 * S],
    ['3/20s', 3, 20 * S],
    ['30/h', 30, 3600 * S],
  ])('parses rate %s', (text, amount, periodUs) => {
    expect(parseRate(text)).toEqual({ value: { amount, periodUs } });
  });

  it.each(['5', '5/', '/s', '5/0s', '5/s/s', '1.5/s'])('rejects rate "%s"', (text) => {
    expect(parseRate(text)).toHaveProperty('error');
  });

  it.each([
    ['100', 100],
    ['100k', 100_000],
    ['1.5M', 1_500_000],
  ])('parses amount %s', (text, value) => {
    expect(parseAmount(text)).toEqual({ value });
  });

  it('parses durations as they are formatted', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (ms) => {
        expect(parseDuration(formatDuration(ms * 1000))).toEqual({ value: ms * 1000 });
      }),
    );
  });
});

describe('parseLimitLine', () => {
  const bucket = (capacity: number, amount: number, periodUs: number) => ({
    algorithm: 'token-bucket',
    capacity,
    refill: { amount, periodUs },
  });
  it.each([
    ['requests 5/s burst 5', { unit: 'requests', scope: ['organization'], spec: bucket(5, 5, S) }],
    ['requests 5/s burst 10', { spec: bucket(10, 5, S) }],
    ['tokens 90k/min per key', { unit: 'tokens', scope: ['key'], spec: bucket(90_000, 90_000, 60 * S) }],
    ['concurrent 8', { unit: 'concurrent', spec: { algorithm: 'concurrency', amount: 8 } }],
    [
      'requests 100/min algorithm sliding-window-log',
      { spec: { algorithm: 'sliding-window-log', amount: 100, windowUs: 60 * S } },
    ],
    [
      'requests 5/s burst 5 nodelay algorithm leaky-bucket',
      { spec: { algorithm: 'leaky-bucket', rate: { amount: 5, periodUs: S }, burst: 5, delay: 'nodelay' } },
    ],
    [
      'requests 5/s maxQueue 10 algorithm leaky-queue',
      { spec: { algorithm: 'leaky-queue', intervalUs: 0.2 * S, maxQueue: 10 } },
    ],
    [
      'requests 1000/month algorithm calendar-quota zone Europe/Berlin',
      { spec: { algorithm: 'calendar-quota', amount: 1000, per: 'month', timeZone: 'Europe/Berlin', resetHour: 0 } },
    ],
  ])('%s', (line, expected) => {
    expect(parseLimitLine(line)).toMatchObject([expected]);
  });

  it.each([
    ['reqests 5/s', 'unit', 'did you mean "requests"?'],
    ['requests 5', 'refill', undefined],
    ['requests 5/s bursts 3', 'bursts', 'did you mean "burst"?'],
    ['', 'unit', undefined],
  ])('rejects "%s"', (line, path, hint) => {
    const problems = (() => {
      try {
        parseLimitLine(line);
      } catch (error) {
        return (error as QuotaLabError).problems;
      }
      return [];
    })();
    expect(problems).toContainEqual(expect.objectContaining({ path, ...(hint && { hint }) }));
  });
});
