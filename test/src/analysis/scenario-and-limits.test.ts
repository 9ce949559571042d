import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../../src/analysis/check-scenario.ts';
import { computeFingerprints } from '../../../src/analysis/fingerprint.ts';
import { computeLimitUse } from '../../../src/analysis/limit-use.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { header, requestLimit, runOf, strip } from './strip.ts';

describe('a scenario whose limits never apply', () => {
  const scenario = (rest: Partial<Scenario>, ...models: (readonly string[] | undefined)[]): Scenario =>
    header(
      models.map((list) => requestLimit(1, 1, list ? { models: list } : {})),
      { call: { model: 'gpt-4o-mini', stream: false }, ...rest },
    ).scenario;

  it('is reported with the models of its limits', () => {
    expect(checkScenario(scenario({}, ['gpt-4o', 'o1'], ['o1']))).toEqual([
      {
        path: 'provider.limits',
        message: 'no limit applies to gpt-4o-mini, the model of the calls; limits apply to gpt-4o, o1',
        hint: 'call: { model: gpt-4o }',
      },
    ]);
  });

  it.each([
    ['no limits', []],
    ['a limit for all models', [undefined]],
    ['a limit for the model', [['gpt-4o', 'gpt-4o-mini']]],
    ['a limit for the model and one for another', [['gpt-4o'], ['gpt-4o-mini']]],
    ['a limit for all models and one for another', [['gpt-4o'], undefined]],
  ])('is not reported with %s', (_name, models) => {
    expect(checkScenario(scenario({}, ...models))).toEqual([]);
  });

  it('reports every problem at once: thresholds, verdicts, limits', () => {
    const threshold = { metric: 'cals', expression: 'count>1', abortOnFail: false, delayAbortEvalUs: 0 };
    const invalid = scenario({ thresholds: [threshold], verdicts: { 'ignores-retry-aftr': 'warn' } }, ['o1']);
    expect(checkScenario(invalid).map(({ path }) => path)).toEqual([
      'thresholds.cals[0]',
      'verdicts.ignores-retry-aftr',
      'provider.limits',
    ]);
  });
});

const attempts = (text: string, change: (record: AttemptRecord) => Partial<AttemptRecord>) =>
  strip(text).map((record) => (record.type === 'attempt' ? { ...record, ...change(record) } : record));

describe('computeFingerprints', () => {
  it('returns addresses and user agents per key; attempts without a key are ignored', () => {
    const records = attempts('a.1 0-10 200\na.2 1000-1010 200\nb.1 2000-2010 200\nc.1 9-10 200', ({ id }) => ({
      ...(id < 4 && { key: id < 3 ? 'k1' : 'k2' }),
      ...(id === 2 && { ip: '10.0.0.7', userAgent: 'python' }),
      ...(id === 3 && { userAgent: 'node', textHash: '00000000000000ff' }),
    }));
    const [first, second, ...others] = computeFingerprints([header(), ...records]);
    expect(others).toEqual([]);
    // Without an address, an attempt came from this machine, like that of k2.
    expect(first).toMatchObject({
      key: 'k1',
      requests: 2,
      ips: 2,
      keysOnItsIps: 2,
      userAgents: 2,
      withoutUserAgent: 1,
    });
    expect(first).toMatchObject({ commonestGapUs: 1_000_000 });
    expect(second).toMatchObject({
      key: 'k2',
      requests: 1,
      ips: 1,
      keysOnItsIps: 2,
      userAgents: 1,
      withoutUserAgent: 0,
    });
  });

  it('returns the share of repeated prompts', () => {
    const records = attempts('a.1 0-10 200\na.2 1000-1010 200\na.3 2000-2010 200', () => ({
      key: 'k',
      textHash: '123456789abcdef0',
    }));
    expect(computeFingerprints(records)).toMatchObject([{ requests: 3, samePrompt: expect.closeTo(2 / 3, 9) }]);
    expect(computeFingerprints([header()])).toEqual([]);
  });
});

describe('computeLimitUse', () => {
  const tokens = requestLimit(10, 100, { name: 'tokens', unit: 'tokens' });

  it('returns admitted units, buckets and refusals per limit', () => {
    const records = attempts(
      'a.1 0-10 200\nb.1 0-10 429\nc.1 0-10 429\nd.1 0-10 200\ne.1 0-10 500',
      ({ id, status }) => {
        const view = { admit: status === 200, before: 9, after: 9 } as const;
        return {
          ...(status !== 200 && { deniedBy: id === 2 ? 'tokens' : 'requests' }),
          limits: [
            { ...view, limit: 'requests', bucket: `requests ${id % 3}`, unit: 'requests', cost: 1 },
            { ...view, limit: 'tokens', bucket: 'tokens', unit: 'tokens', cost: 50 },
          ],
        };
      },
    );
    const run = runOf(records, { head: header([requestLimit(5, 5), tokens]), endMs: 10_000 });
    expect(computeLimitUse(run)).toEqual([
      { limit: 'requests', unit: 'requests', denied: 1, buckets: 3, admitted: 2, admissible: 3 * (5 + 50) },
      { limit: 'tokens', unit: 'tokens', denied: 1, buckets: 1, admitted: 100, admissible: 100 + 100 },
    ]);
  });

  it('a bucket that begins empty could admit only what it regained', () => {
    const limit = requestLimit(5, 100);
    const empty = { ...limit, spec: { ...limit.spec, initial: 0 } as typeof limit.spec };
    const run = runOf(strip(Array.from({ length: 50 }, (_, n) => `c${n}.1 ${n * 200}-${n * 200 + 5} 200`).join('\n')), {
      head: header([empty]),
      endMs: 10_000,
    });
    expect(computeLimitUse(run)).toMatchObject([{ admitted: 50, admissible: 50 }]);
  });

  it('has no admissible amount for concurrency limits', () => {
    const places = requestLimit(1, 1, {
      name: 'places',
      unit: 'concurrent',
      spec: { algorithm: 'concurrency', amount: 3 },
    });
    expect(computeLimitUse(runOf(strip('a.1 0-10 200'), { head: header([places]) }))).toEqual([
      { limit: 'places', unit: 'concurrent', denied: 0, buckets: 0, admitted: 0, admissible: null },
    ]);
  });
});
