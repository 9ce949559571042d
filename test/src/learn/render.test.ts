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
      figures: { confidence: 'sure', because: 'it predicts all' },
      sharing: { confidence: 'guess', because: 'no evidence' },
      observations: 372,
    },
    {
      name: 'model-a tokens per 1.5s',
      unit: 'tokens',
      models: ['model-a'],
      pool: 'a',
      spec: { algorithm: 'fixed-window', amount: 900, windowUs: 1_500_500, anchor: 'clock', offsetUs: 250_000 },
      scope: ['key'],
      figures: { confidence: 'guess', because: 'it fits the resets' },
      sharing: { confidence: 'sure', because: 'each key has its own' },
      observations: 1,
    },
  ],
  couldNotLearn: ['requests per minute: whether keys share it: the recording has only 1 key'],
  observations: 400,
  refusals: 28,
};

it('renders a limits block with confidence and reason above each limit', () => {
  expect(renderLearntLimits(LEARNT)).toMatchInlineSnapshot(`
    "# Learnt from 400 replies, 28 of them 429. sure: no other explanation fits;
    # likely: it fits; guess: check it.

    limits:
      # sure: it predicts all (372 replies)
      # scope, guess: no evidence
      - name: requests per minute
        unit: requests
        scope: [ organization, model ]
        algorithm: token-bucket
        refill: 60/min
        capacity: 20
        chargeRejected: requests
      # guess: it fits the resets (1 reply)
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

    # Not learnt:
    # - requests per minute: whether keys share it: the recording has only 1 key
    "
  `);
});

it('parses back to the learnt limits', () => {
  const limits = parseLimits(parse(renderLearntLimits(LEARNT)));
  expect(limits).toMatchObject(
    LEARNT.limits.map(({ figures: _, sharing: __, observations: ___, chargeRejected = 'none', ...rest }) => ({
      ...rest,
      chargeRejected,
    })),
  );
});

it('renders an empty list with reasons if nothing was learnt', () => {
  const nothing = { limits: [], couldNotLearn: ['any limit'], observations: 0, refusals: 0 };
  expect(parse(renderLearntLimits(nothing))).toEqual({ limits: [] });
  expect(renderLearntLimits(nothing)).toContain('# - any limit');
});
