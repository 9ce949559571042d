import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LearntLimits } from '../../../src/learn/learnt.ts';
import { renderLearntLimits } from '../../../src/learn/render.ts';
import { parseLimits } from '../../../src/scenario/parse-parts.ts';

const LEARNT: LearntLimits = {
  limits: [
    {
      name: 'requests per minute',
      unit: 'requests',
      spec: { algorithm: 'token-bucket', capacity: 20, refill: { amount: 60, periodUs: 60_000_000 } },
      scope: ['organization', 'model'],
      chargeRejected: 'requests',
      figures: { confidence: 'sure', because: 'it foretells all' },
      sharing: { confidence: 'guess', because: 'nothing tells' },
      observations: 372,
    },
    {
      name: 'model-a tokens per 1.5s',
      unit: 'tokens',
      models: ['model-a'],
      pool: 'a',
      spec: { algorithm: 'fixed-window', amount: 900, windowUs: 1_500_500, anchor: 'clock', offsetUs: 250_000 },
      scope: ['key'],
      figures: { confidence: 'guess', because: 'the resets suit it' },
      sharing: { confidence: 'sure', because: 'each key has its own' },
      observations: 1,
    },
  ],
  couldNotLearn: ['requests per minute: whether keys share it: the recording has only one key'],
  observations: 400,
  refusals: 28,
};

it('is a block that a scenario takes, with what is known of each limit above it', () => {
  expect(renderLearntLimits(LEARNT)).toMatchInlineSnapshot(`
    "# Learnt from 400 answers, 28 of them 429. sure: no other explanation is
    # left; likely: it fits; guess: check it.

    limits:
      # sure: it foretells all (372 answers)
      # scope, guess: nothing tells
      - name: requests per minute
        unit: requests
        scope: [ organization, model ]
        algorithm: token-bucket
        refill: 60/min
        capacity: 20
        chargeRejected: requests
      # guess: the resets suit it (one answer)
      # scope, sure: each key has its own
      - name: model-a tokens per 1.5s
        unit: tokens
        scope: key
        models: [ model-a ]
        pool: a
        algorithm: fixed-window
        amount: 900
        window: 1500500us
        anchor: clock
        offset: 250ms

    # Could not be learnt:
    # - requests per minute: whether keys share it: the recording has only one
    #   key
    "
  `);
});

it('says in the scenario what was learnt', () => {
  const limits = parseLimits(parse(renderLearntLimits(LEARNT)));
  expect(limits).toMatchObject(
    LEARNT.limits.map(({ figures: _, sharing: __, observations: ___, chargeRejected = 'none', ...rest }) => ({
      ...rest,
      chargeRejected,
    })),
  );
});

it('is an empty list where nothing was learnt, and says why', () => {
  const nothing = { limits: [], couldNotLearn: ['any limit'], observations: 0, refusals: 0 };
  expect(parse(renderLearntLimits(nothing))).toEqual({ limits: [] });
  expect(renderLearntLimits(nothing)).toContain('# - any limit');
});
