import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Limit, Scope } from '../../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { randomFor } from '../../../mock-server/random.ts';
import { learnLimits } from '../../../src/learn/learn.ts';
import { renderLearntLimits } from '../../../src/learn/render.ts';
import { parseLimits } from '../../../src/scenario/parse-parts.ts';
import { perPeriod, S } from '../../mock-server/openai-provider.ts';
import { limitOf, meaningOf, randomCase } from './random-limits.ts';
import { type Recorded, record, stream } from './recording.ts';

const KEYS = ['sk-first-key-0123456789', 'sk-second-key-0123456789'];
const MODELS = ['model-a', 'model-b'];

/** Two keys and two models for three minutes, at twice the rate of a limit of 60 per minute. */
const busy = (perSecond = 2) =>
  stream(randomFor(3, 'recording'), { perSecond, seconds: 180, keys: KEYS, models: MODELS, maxWords: 400 });

const learn = (recorded: Recorded) => learnLimits(record(recorded));

/** The learnt block, parsed as part of a scenario. */
const pasted = (recorded: Recorded): readonly Limit[] => parseLimits(parse(renderLearntLimits(learn(recorded))));

const meanings = (limits: readonly Limit[]) =>
  limits.map(({ unit, spec, scope, chargeRejected }) => ({ unit, spec: meaningOf(spec), scope, chargeRejected }));

const BUCKET: AlgorithmSpec = { algorithm: 'token-bucket', capacity: 60, refill: { amount: 60, periodUs: 60 * S } };
const BURST: AlgorithmSpec = { algorithm: 'token-bucket', capacity: 15, refill: { amount: 1, periodUs: S } };
const FIXED: AlgorithmSpec = { algorithm: 'fixed-window', amount: 10, windowUs: 20 * S, anchor: 'clock' };
const OPENED: AlgorithmSpec = { algorithm: 'fixed-window', amount: 10, windowUs: 20 * S, anchor: 'first-request' };
const LOG: AlgorithmSpec = { algorithm: 'sliding-window-log', amount: 20, windowUs: 17 * S };
const COUNTER: AlgorithmSpec = { algorithm: 'sliding-window-counter', amount: 20, windowUs: 15 * S };

describe('the learnt block equals the configured limits', () => {
  const scopes: Scope[][] = [['organization'], ['key'], ['organization', 'model'], ['key', 'model']];
  const limiters = [BUCKET, BURST, FIXED, OPENED, LOG, COUNTER];

  it.each(limiters.flatMap((spec) => scopes.map((scope) => ({ name: meaningOf(spec), spec, scope }))))(
    'openai: $name, per $scope: sure',
    ({ spec, scope }) => {
      const limits = [limitOf(spec, scope)];
      const recorded = { limits, sent: busy(spec === BUCKET ? 6 : 4) };
      expect(meanings(pasted(recorded))).toEqual(meanings(limits));
      const [learnt] = learn(recorded).limits;
      expect(learnt).toMatchObject({ figures: { confidence: 'sure' }, sharing: { confidence: 'sure' } });
    },
  );

  it.each(
    (['azure', 'anthropic'] as const).flatMap((dialect) =>
      limiters.map((spec) => ({ dialect, name: meaningOf(spec), spec })),
    ),
  )('$dialect, with resets in whole seconds: $name', ({ dialect, spec }) => {
    const limits = [limitOf(spec, ['key'])];
    const recorded = { limits, sent: busy(4), settings: { dialect } };
    expect(meanings(pasted(recorded))).toEqual(meanings(limits));
    const [learnt] = learn(recorded).limits;
    // This bucket fills up in 15 s, so whole seconds are too coarse.
    if (spec === BURST) return;
    expect(learnt?.figures.confidence).not.toBe('guess');
    expect(learnt?.sharing.confidence).toBe('sure');
  });

  it('requests and tokens, each by its own headers; keys and models share both', () => {
    const limits = [perPeriod('requests', 60, 'min'), perPeriod('tokens', 20_000, 'min')];
    expect(meanings(pasted({ limits, sent: busy() }))).toEqual(meanings(limits));
    const learnt = learn({ limits, sent: busy() });
    expect(learnt.limits.map(({ figures, sharing }) => [figures.confidence, sharing.confidence])).toEqual([
      ['sure', 'sure'],
      ['sure', 'likely'],
    ]);
  });

  it('a limit per day and one per minute on one unit, of which each reply shows one', () => {
    const limits = [perPeriod('requests', 500, 'day'), perPeriod('requests', 60, 'min')];
    expect(meanings(pasted({ limits, sent: busy() }))).toEqual(meanings(limits));
  });

  it('input and output tokens, which Anthropic rounds to thousands and also sends as a sum', () => {
    const limits = [perPeriod('input-tokens', 20_000, 'min'), perPeriod('output-tokens', 8000, 'min')];
    const recorded = { limits, sent: busy(), settings: { dialect: 'anthropic' } as const };
    expect(meanings(pasted(recorded))).toEqual(meanings(limits.slice(0, 1)));
    // There are so few output tokens that the rounded count never changes.
    expect(learn(recorded).couldNotLearn.join()).toContain('the window of the limit of 8000 output-tokens');
  });

  it('models with limits of their own size', () => {
    const limits = MODELS.map((model, n) =>
      perPeriod('requests', [60, 90][n]!, 'min', { name: model, models: [model], scope: ['organization'] }),
    );
    const learnt = pasted({ limits, sent: busy(4) });
    expect(meanings(learnt)).toEqual(meanings(limits));
    expect(learnt.map(({ models }) => models)).toEqual([['model-a'], ['model-b']]);
  });

  it('charged refusals', () => {
    const limits = [limitOf(COUNTER, ['organization'], 'requests')];
    expect(meanings(pasted({ limits, sent: busy() }))).toEqual(meanings(limits));
  });

  it('any bucket, window or log, with enough requests', () => {
    const round = fc.constantFrom(5 * S, 10 * S, 20 * S, 30 * S, 60 * S);
    const amount = fc.integer({ min: 4, max: 40 });
    const spec = fc.oneof(
      fc.tuple(amount, round, amount).map(([capacity, periodUs, refill]): AlgorithmSpec => {
        return { algorithm: 'token-bucket', capacity, refill: { amount: refill, periodUs } };
      }),
      fc.tuple(amount, round).map(([amountPerWindow, windowUs]): AlgorithmSpec => {
        return { algorithm: 'fixed-window', amount: amountPerWindow, windowUs, anchor: 'first-request' };
      }),
      fc.tuple(amount, round).map(([amountPerWindow, windowUs]): AlgorithmSpec => {
        return { algorithm: 'sliding-window-log', amount: amountPerWindow, windowUs };
      }),
    );
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 1e6 }), (one, seed) => {
        const sent = stream(randomFor(seed, 'recording'), { perSecond: 5, seconds: 150, keys: KEYS });
        const [learnt] = learn({ limits: [limitOf(one)], sent }).limits;
        const unitUs = (given: AlgorithmSpec) => ('refill' in given ? given.refill.periodUs / given.refill.amount : 0);
        expect(learnt?.spec.algorithm).toBe(one.algorithm);
        // Of the fractions within a millisecond, the roundest is taken.
        if ('refill' in one) expect(unitUs(learnt!.spec) / unitUs(one)).toBeCloseTo(1, 2);
        else expect(meaningOf(learnt!.spec)).toBe(meaningOf(one));
      }),
      { seed: 11, numRuns: 25 },
    );
  });
});

describe('confidence is not sure if the limits cannot be known', () => {
  it('200 random limits with gaps, jitter and unknown limiters: none is both sure and wrong', () => {
    let sure = 0;
    const wrong: unknown[] = [];
    fc.sample(randomCase, { seed: 5, numRuns: 200 }).forEach((one) => {
      const random = randomFor(one.seed, 'recording');
      const sent = stream(random, {
        ...one,
        keys: KEYS.slice(0, one.keys),
        models: MODELS.slice(0, one.models),
      });
      const observations = record({ limits: [one.limit], sent, settings: { dialect: one.dialect } })
        .filter(() => random() >= one.unseen)
        .map((reply) => ({ ...reply, atUs: reply.atUs - Math.round(random() * one.jitterUs) }));
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

  it('too few replies', () => {
    const sent = busy().slice(0, 6);
    const { limits } = learn({ limits: [limitOf(BUCKET)], sent });
    expect(limits.every(({ figures }) => figures.confidence !== 'sure')).toBe(true);
  });

  it('one reply', () => {
    const { limits, couldNotLearn } = learn({ limits: [limitOf(FIXED)], sent: busy().slice(0, 1) });
    expect(limits).toEqual([]);
    expect(couldNotLearn).toEqual([expect.stringContaining('the window of the limit of 10 requests')]);
  });

  it('no replies', () => {
    expect(learnLimits([])).toEqual({
      limits: [],
      couldNotLearn: ['any limit: no reply has limit headers or status 429'],
      observations: 0,
      refusals: 0,
    });
  });

  it('no headers and no size in messages: a guess from the requests admitted during refusals', () => {
    const observations = record({ limits: [limitOf(BUCKET)], sent: busy(), settings: { headers: 'none' } });
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

  it('only Retry-After: common end times reveal a fixed window and its amount', () => {
    const observations = record({ limits: [limitOf(FIXED)], sent: busy(), settings: { headers: 'retry-after-only' } });
    const bare = observations.map(({ errorText: _, errorType: __, ...rest }) => rest);
    const [learnt] = learnLimits(bare).limits;
    expect(learnt && meaningOf(learnt.spec)).toBe(meaningOf(FIXED));
    expect(learnt?.figures.confidence).toBe('likely');
  });

  it('no headers, but messages: their waits and period give the rate', () => {
    const recorded = { limits: [limitOf(BUCKET)], sent: busy(), settings: { headers: 'retry-after-only' } as const };
    const [learnt] = learn(recorded).limits;
    expect(learnt && meaningOf(learnt.spec)).toBe(meaningOf(BUCKET));
    expect(learnt?.figures.confidence).toBe('likely');
  });

  it('headers that contradict each other', () => {
    const replies = record({ limits: [limitOf(BUCKET)], sent: busy() });
    const contradicting = replies.map((reply, n) => ({
      ...reply,
      headers: { ...reply.headers, 'x-ratelimit-limit-requests': String(60 + n) },
    }));
    const { limits, couldNotLearn } = learnLimits(contradicting);
    expect(limits.filter(({ figures }) => figures.confidence === 'sure')).toEqual([]);
    expect(couldNotLearn.join()).toContain('the headers contradict each other');
  });

  it('a limit raised during the recording: learns the later one and reports the change', () => {
    const [before, after] = [60, 90].map((amount, n) =>
      record({
        limits: [perPeriod('requests', amount, 'min')],
        sent: busy(1).map((one) => ({ ...one, atUs: one.atUs + n * 200 * S })),
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

  it('one key and one model: sharing stays undecided', () => {
    const sent = stream(randomFor(3, 'recording'), { perSecond: 3, seconds: 100 });
    const { limits, couldNotLearn } = learn({ limits: [limitOf(BUCKET)], sent });
    expect(limits[0]?.sharing.confidence).not.toBe('sure');
    expect(couldNotLearn).toEqual([
      'requests per minute: whether keys share it: the recording has only 1 key',
      'requests per minute: whether models share it: the recording has only 1 model',
    ]);
  });

  it('a spent quota is a budget, not a rate', () => {
    const spec: AlgorithmSpec = {
      algorithm: 'calendar-quota',
      amount: 50,
      per: 'month',
      timeZone: 'UTC',
      resetHour: 0,
    };
    const { limits, couldNotLearn } = learn({ limits: [limitOf(spec)], sent: busy() });
    expect(limits.filter(({ figures }) => figures.confidence === 'sure')).toEqual([]);
    expect(couldNotLearn.join()).toContain('refusals say that a quota is spent');
  });
});
