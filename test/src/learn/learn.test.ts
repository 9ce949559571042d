import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Limit, Scope } from '../../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithm.ts';
import { randomFor } from '../../../mock-server/random.ts';
import { learnLimits } from '../../../src/learn/learn.ts';
import { renderLearntLimits } from '../../../src/learn/render.ts';
import { parseLimits } from '../../../src/scenario/parse-parts.ts';
import { perPeriod, S } from '../../mock-server/openai-provider.ts';
import { limitOf, meaningOf, randomCase } from './random-limits.ts';
import { type Recorded, record, stream } from './recording.ts';

const KEYS = ['sk-first-key-0123456789', 'sk-second-key-0123456789'];
const MODELS = ['model-a', 'model-b'];

/** Two keys and two models, three minutes, twice what a minute's limit of 60 lets in. */
const busy = (perSecond = 2) =>
  stream(randomFor(3, 'recording'), { perSecond, seconds: 180, keys: KEYS, models: MODELS, mostWords: 400 });

const learn = (recorded: Recorded) => learnLimits(record(recorded));

/** What a scenario makes of the block that was learnt. */
const pasted = (recorded: Recorded): readonly Limit[] => parseLimits(parse(renderLearntLimits(learn(recorded))));

const meant = (limits: readonly Limit[]) =>
  limits.map(({ unit, spec, scope, chargeRejected }) => ({ unit, spec: meaningOf(spec), scope, chargeRejected }));

const BUCKET: AlgorithmSpec = { algorithm: 'token-bucket', capacity: 60, refill: { amount: 60, periodUs: 60 * S } };
const BURST: AlgorithmSpec = { algorithm: 'token-bucket', capacity: 15, refill: { amount: 1, periodUs: S } };
const FIXED: AlgorithmSpec = { algorithm: 'fixed-window', amount: 10, windowUs: 20 * S, anchor: 'clock' };
const OPENED: AlgorithmSpec = { algorithm: 'fixed-window', amount: 10, windowUs: 20 * S, anchor: 'first-request' };
const LOG: AlgorithmSpec = { algorithm: 'sliding-window-log', amount: 20, windowUs: 17 * S };
const COUNTER: AlgorithmSpec = { algorithm: 'sliding-window-counter', amount: 20, windowUs: 15 * S };

describe('the block that is learnt is the block that was configured', () => {
  const scopes: Scope[][] = [['organization'], ['key'], ['organization', 'model'], ['key', 'model']];
  const limiters = [BUCKET, BURST, FIXED, OPENED, LOG, COUNTER];

  it.each(limiters.flatMap((spec) => scopes.map((scope) => ({ name: meaningOf(spec), spec, scope }))))(
    'openai: $name, per $scope: sure',
    ({ spec, scope }) => {
      const limits = [limitOf(spec, scope)];
      const recorded = { limits, asked: busy(spec === BUCKET ? 6 : 4) };
      expect(meant(pasted(recorded))).toEqual(meant(limits));
      const [learnt] = learn(recorded).limits;
      expect(learnt).toMatchObject({ figures: { confidence: 'sure' }, sharing: { confidence: 'sure' } });
    },
  );

  it.each(
    (['azure', 'anthropic'] as const).flatMap((dialect) =>
      limiters.map((spec) => ({ dialect, name: meaningOf(spec), spec })),
    ),
  )('$dialect, whose resets are whole seconds: $name', ({ dialect, spec }) => {
    const limits = [limitOf(spec, ['key'])];
    const recorded = { limits, asked: busy(4), settings: { dialect } };
    expect(meant(pasted(recorded))).toEqual(meant(limits));
    const [learnt] = learn(recorded).limits;
    // A second is a fifteenth of the time in which this one fills up.
    if (spec === BURST) return;
    expect(learnt?.figures.confidence).not.toBe('guess');
    expect(learnt?.sharing.confidence).toBe('sure');
  });

  it('requests and tokens, each by its own headers; keys and models share both', () => {
    const limits = [perPeriod('requests', 60, 'min'), perPeriod('tokens', 20_000, 'min')];
    expect(meant(pasted({ limits, asked: busy() }))).toEqual(meant(limits));
    const learnt = learn({ limits, asked: busy() });
    expect(learnt.limits.map(({ figures, sharing }) => [figures.confidence, sharing.confidence])).toEqual([
      ['sure', 'sure'],
      ['sure', 'likely'],
    ]);
  });

  it('a day and a minute of one unit, of which each answer shows one', () => {
    const limits = [perPeriod('requests', 500, 'day'), perPeriod('requests', 60, 'min')];
    expect(meant(pasted({ limits, asked: busy() }))).toEqual(meant(limits));
  });

  it('input and output tokens, which Anthropic prints in thousands and as a sum besides', () => {
    const limits = [perPeriod('input-tokens', 20_000, 'min'), perPeriod('output-tokens', 8000, 'min')];
    const recorded = { limits, asked: busy(), settings: { dialect: 'anthropic' } as const };
    expect(meant(pasted(recorded))).toEqual(meant(limits.slice(0, 1)));
    // So few tokens come out that their thousands never change.
    expect(learn(recorded).couldNotLearn.join()).toContain('the window of the limit of 8000 output-tokens');
  });

  it('models with limits of their own size', () => {
    const limits = MODELS.map((model, n) =>
      perPeriod('requests', [60, 90][n]!, 'min', { name: model, models: [model], scope: ['organization'] }),
    );
    const learnt = pasted({ limits, asked: busy(4) });
    expect(meant(learnt)).toEqual(meant(limits));
    expect(learnt.map(({ models }) => models)).toEqual([['model-a'], ['model-b']]);
  });

  it('refusals that are charged', () => {
    const limits = [limitOf(COUNTER, ['organization'], 'requests')];
    expect(meant(pasted({ limits, asked: busy() }))).toEqual(meant(limits));
  });

  it('any bucket, window or log, if it is asked often enough', () => {
    const round = fc.constantFrom(5 * S, 10 * S, 20 * S, 30 * S, 60 * S);
    const amount = fc.integer({ min: 4, max: 40 });
    const spec = fc.oneof(
      fc.tuple(amount, round, amount).map(([capacity, periodUs, refill]): AlgorithmSpec => {
        return { algorithm: 'token-bucket', capacity, refill: { amount: refill, periodUs } };
      }),
      fc.tuple(amount, round).map(([most, windowUs]): AlgorithmSpec => {
        return { algorithm: 'fixed-window', amount: most, windowUs, anchor: 'first-request' };
      }),
      fc.tuple(amount, round).map(([most, windowUs]): AlgorithmSpec => {
        return { algorithm: 'sliding-window-log', amount: most, windowUs };
      }),
    );
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 1e6 }), (one, seed) => {
        const asked = stream(randomFor(seed, 'recording'), { perSecond: 5, seconds: 150, keys: KEYS });
        const [learnt] = learn({ limits: [limitOf(one)], asked }).limits;
        const unitUs = (given: AlgorithmSpec) => ('refill' in given ? given.refill.periodUs / given.refill.amount : 0);
        expect(learnt?.spec.algorithm).toBe(one.algorithm);
        // Of fractions that lie within what a millisecond tells, the roundest is taken.
        if ('refill' in one) expect(unitUs(learnt!.spec) / unitUs(one)).toBeCloseTo(1, 2);
        else expect(meaningOf(learnt!.spec)).toBe(meaningOf(one));
      }),
      { seed: 11, numRuns: 25 },
    );
  });
});

describe('what cannot be known is not said to be sure', () => {
  it('of 200 random limits, gaps, jitter and limiters that nobody knows, none is sure and wrong', () => {
    let sure = 0;
    const wrong: unknown[] = [];
    fc.sample(randomCase, { seed: 5, numRuns: 200 }).forEach((one) => {
      const random = randomFor(one.seed, 'recording');
      const asked = stream(random, {
        ...one,
        keys: KEYS.slice(0, one.keys),
        models: MODELS.slice(0, one.models),
      });
      const observations = record({ limits: [one.limit], asked, settings: { dialect: one.dialect } })
        .filter(() => random() >= one.unseen)
        .map((seen) => ({ ...seen, atUs: seen.atUs - Math.round(random() * one.jitterUs) }));
      for (const { spec, figures, scope, sharing } of learnLimits(observations).limits) {
        if (figures.confidence === 'sure') {
          sure++;
          if (meaningOf(spec) !== meaningOf(one.limit.spec)) wrong.push({ spec, one });
        }
        const split = (given: readonly Scope[]) =>
          given.filter((part) => (part === 'key' && one.keys > 1) || (part === 'model' && one.models > 1)).join();
        if (sharing.confidence === 'sure' && split(scope) !== split(one.limit.scope)) wrong.push({ scope, one });
      }
    });
    expect(wrong).toEqual([]);
    expect(sure).toBeGreaterThan(8);
  });

  it('too few answers', () => {
    const asked = busy().slice(0, 6);
    const { limits } = learn({ limits: [limitOf(BUCKET)], asked });
    expect(limits.every(({ figures }) => figures.confidence !== 'sure')).toBe(true);
  });

  it('one answer', () => {
    const { limits, couldNotLearn } = learn({ limits: [limitOf(FIXED)], asked: busy().slice(0, 1) });
    expect(limits).toEqual([]);
    expect(couldNotLearn).toEqual([expect.stringContaining('the window of the limit of 10 requests')]);
  });

  it('none at all', () => {
    expect(learnLimits([])).toEqual({
      limits: [],
      couldNotLearn: ['any limit: no answer carries limit headers, and none was a 429'],
      observations: 0,
      refusals: 0,
    });
  });

  it('no headers, and words that tell no size: what passed while refusals kept coming is counted, as a guess', () => {
    const observations = record({ limits: [limitOf(BUCKET)], asked: busy(), settings: { headers: 'none' } });
    const bare = observations.map(({ errorText: _, errorType: __, headers: ___, ...rest }) => ({
      ...rest,
      headers: {},
    }));
    const { limits, couldNotLearn } = learnLimits(bare);
    expect(limits).toHaveLength(1);
    expect(limits[0]).toMatchObject({ unit: 'requests', figures: { confidence: 'guess' } });
    expect(limits[0]?.spec).toMatchObject({ refill: { amount: 60, periodUs: 60 * S } });
    expect(couldNotLearn).toContain('requests per minute: whether it counts requests or tokens');
  });

  it('only Retry-After: that it points to common moments tells a fixed window and its amount', () => {
    const observations = record({ limits: [limitOf(FIXED)], asked: busy(), settings: { headers: 'retry-after-only' } });
    const bare = observations.map(({ errorText: _, errorType: __, ...rest }) => rest);
    const [learnt] = learnLimits(bare).limits;
    expect(learnt && meaningOf(learnt.spec)).toBe(meaningOf(FIXED));
    expect(learnt?.figures.confidence).toBe('likely');
  });

  it('no headers, but messages: the waits and the period that they name give the rate', () => {
    const recorded = { limits: [limitOf(BUCKET)], asked: busy(), settings: { headers: 'retry-after-only' } as const };
    const [learnt] = learn(recorded).limits;
    expect(learnt && meaningOf(learnt.spec)).toBe(meaningOf(BUCKET));
    expect(learnt?.figures.confidence).toBe('likely');
  });

  it('headers that contradict each other', () => {
    const seen = record({ limits: [limitOf(BUCKET)], asked: busy() });
    const torn = seen.map((one, n) => ({
      ...one,
      headers: { ...one.headers, 'x-ratelimit-limit-requests': String(60 + n) },
    }));
    const { limits, couldNotLearn } = learnLimits(torn);
    expect(limits.filter(({ figures }) => figures.confidence === 'sure')).toEqual([]);
    expect(couldNotLearn.join()).toContain('the headers contradict each other');
  });

  it('a limit that was raised during the recording is the later one, and that is said', () => {
    const [before, after] = [60, 90].map((amount, n) =>
      record({
        limits: [perPeriod('requests', amount, 'min')],
        asked: busy(1).map((one) => ({ ...one, atUs: one.atUs + n * 200 * S })),
        settings: { headers: 'full' },
      }),
    );
    const { limits, couldNotLearn } = learnLimits([
      ...before!.filter(({ status }) => status === 200),
      ...after!.filter(({ status }) => status === 200),
    ]);
    expect(limits.map(({ spec }) => spec)).toMatchObject([{ capacity: 90 }]);
    expect(couldNotLearn.join()).toContain('changed from 60 to 90');
  });

  it('one key and one model: nobody knows who else would share it', () => {
    const asked = stream(randomFor(3, 'recording'), { perSecond: 3, seconds: 100 });
    const { limits, couldNotLearn } = learn({ limits: [limitOf(BUCKET)], asked });
    expect(limits[0]?.sharing.confidence).not.toBe('sure');
    expect(couldNotLearn).toEqual([
      'requests per minute: whether keys share it: the recording has only one key',
      'requests per minute: whether models share it: the recording has only one model',
    ]);
  });

  it('a spent quota is money, not a rate', () => {
    const spec: AlgorithmSpec = {
      algorithm: 'calendar-quota',
      amount: 50,
      per: 'month',
      timeZone: 'UTC',
      resetHour: 0,
    };
    const { limits, couldNotLearn } = learn({ limits: [limitOf(spec)], asked: busy() });
    expect(limits.filter(({ figures }) => figures.confidence === 'sure')).toEqual([]);
    expect(couldNotLearn.join()).toContain('refusals say that a quota is spent');
  });
});
