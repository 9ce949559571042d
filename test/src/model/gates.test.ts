import { describe, expect, it } from 'vitest';
import { cubicPacer } from '../../../src/model/cubic-pacer.ts';
import { createBreaker, createBudget, createInFlightLimit, steadyPacer } from '../../../src/model/gates.ts';

const S = 1_000_000;

it('a pacer allows a burst, then one attempt per interval, in order', () => {
  const pacer = steadyPacer({ burst: 2, intervalUs: S });
  expect([0, 0, 0, 0].map((now) => pacer.waitUs(now) / S)).toEqual([0, 0, 1, 2]);
  // Ten seconds later the bucket is full again, and holds no more than a burst.
  expect([12, 12, 12].map((now) => pacer.waitUs(now * S) / S)).toEqual([0, 0, 1]);
});

describe('a retry budget', () => {
  it('share: one retry per ten calls, and two in reserve', () => {
    const budget = createBudget({ kind: 'share', share: 0.1, reserve: 2 });
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    for (let call = 0; call < 11; call++) budget.call();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });

  it('tokens: ten retries of 5 out of 50; a success earns 1, a successful retry refunds its 5', () => {
    const budget = createBudget({ kind: 'tokens', capacity: 50, cost: 5, earns: 1, refunds: true, least: 0 });
    expect(Array.from({ length: 11 }, () => budget.take())).toEqual([...Array<boolean>(10).fill(true), false]);
    for (let call = 0; call < 4; call++) budget.ended('ok', false);
    expect(budget.take()).toBe(false);
    budget.ended('ok', false);
    expect([budget.take(), budget.take()]).toEqual([true, false]);
    budget.ended('ok', true);
    expect(budget.take()).toBe(true);
    budget.ended('refused', true);
    expect(budget.take()).toBe(false);
  });
});

it('a breaker opens after three consecutive failures, allows a probe after a second, and closes when it succeeds', () => {
  const breaker = createBreaker({ failures: 3, openUs: S });
  for (const result of ['failed', 'refused', 'ok', 'failed', 'failed'] as const) breaker.ended(0, result);
  expect(breaker.admits(0)).toBe(true);
  breaker.ended(0, 'failed');
  expect([breaker.admits(0), breaker.admits(S - 1)]).toEqual([false, false]);
  expect([breaker.admits(S), breaker.admits(S)]).toEqual([true, false]);
  breaker.ended(S, 'refused');
  expect([breaker.admits(S), breaker.admits(2 * S)]).toEqual([false, true]);
  breaker.ended(2 * S, 'ok');
  expect([breaker.admits(2 * S), breaker.admits(2 * S)]).toEqual([true, true]);
});

it('attempts in flight: +1 per success if the limit is used, −10 % per failure, at least 1', () => {
  const flight = createInFlightLimit({ start: 10, most: 12, increase: 1, decrease: 0.9 });
  flight.ended('ok', 2);
  expect(flight.current).toBe(10);
  for (let n = 0; n < 5; n++) flight.ended('ok', 8);
  expect(flight.current).toBe(12);
  flight.ended('refused', 8);
  expect(flight.current).toBe(10);
  for (let n = 0; n < 100; n++) flight.ended('failed', 8);
  expect(flight.current).toBe(1);
});

it('the adaptive pacer is off until the first refusal, then drops to 0.7 of the measured rate and grows back', () => {
  const pacer = cubicPacer();
  let now = 0;
  for (; now < 4 * S; now += S / 10) {
    expect(pacer.waitUs(now)).toBe(0);
    pacer.ended(now, 'ok');
  }
  pacer.ended(now, 'refused');
  // The measured rate is 10/s and the limit 7/s, so a burst of 15 waits about a second.
  const waits = Array.from({ length: 15 }, () => pacer.waitUs(now) / S);
  expect(waits.at(-1)).toBeGreaterThan(1);
  expect(waits.at(-1)).toBeLessThan(3);
  for (let after = 0; after < 200; after++) {
    now += S / 10;
    pacer.ended(now, 'ok');
  }
  expect(pacer.waitUs(now)).toBe(0);
});
