import { describe, expect, it } from 'vitest';
import { drawCase } from './draw-case.ts';
import { JUDGED } from './expectations.ts';
import { MISTAKES } from './mistakes.ts';
import { runCase } from './run-case.ts';
import { type Shown, shownBy } from './tally.ts';

/** Seeds whose cases show one mistake, two, or none; the words are what was drawn, and guard against shifted draws. */
const CASES: Readonly<Record<number, string>> = {
  1: 'comes back too early, retries more than configured',
  123: 'waits for the full minute, ends answers that were coming',
  156: 'keeps the text of a broken stream, ignores what it is told',
  196: 'gives up at once, repeats what stays wrong',
  95: 'retries in two layers, gives up with a text',
  36: 'changes its key, waits equally long each time',
  12: 'repeats what is too large, retries more than configured',
  186: 'ends answers that were coming, waits for ten minutes',
  28: 'obeys short waits only, takes overload for fatal',
  180: 'paces below its quota, takes a reset for fatal',
  7: 'obeys short waits only, waits without jitter',
  19: 'serves the first caller first, sends each request twice',
  131: 'goes by its own clock',
  51: 'waits without jitter',
  33: 'no mistake',
  151: 'no mistake',
  58: 'no mistake',
};

/** Verdicts whose faults are not found in every drawn client that has them. */
const NOT_FOUND_YET = [
  'unbounded-retries',
  'misreads-retry-after',
  'does-not-recover',
  'leaves-quota-unused',
  'concurrency-blow-up',
  'starves-callers',
];

/** What a case showed, kept for the tests on all of them. */
const shown: Shown[] = [];

describe('drawn clients in virtual time', () => {
  it.each(Object.entries(CASES))('%s: %s', async (seed, words) => {
    const drawn = drawCase(Number(seed));
    expect(drawn.mistakes.join(', ') || 'no mistake').toBe(words);
    const one = shownBy(await runCase(drawn));
    shown.push(one);
    const faults = JUDGED.filter((id) => one.expected[id] === 'fault');
    const accused = one.spoke.filter((id) => one.expected[id] === 'clean');
    expect({ spoke: one.spoke.filter((id) => faults.includes(id)), accused }).toEqual({ spoke: faults, accused: [] });
  });

  it('between them they have nearly every fault, and two at once', () => {
    const faults = shown.map(({ expected }) => JUDGED.filter((id) => expected[id] === 'fault'));
    const never = JUDGED.filter((id) => !faults.flat().includes(id));
    expect(never).toEqual(NOT_FOUND_YET);
    const two = shown.filter(({ drawn }) => drawn.mistakes.length === 2);
    expect(two.length).toBeGreaterThanOrEqual(4);
    expect(shown.filter(({ drawn }) => drawn.mistakes.length === 0).length).toBeGreaterThanOrEqual(2);
  });
});

it('the same seed draws the same case, another seed another', () => {
  expect(drawCase(7)).toEqual(drawCase(7));
  expect(drawCase(8)).not.toEqual(drawCase(7));
});

it('every mistake is drawn, alone and with others, in a situation in which it shows', () => {
  const cases = Array.from({ length: 2000 }, (_, seed) => drawCase(seed + 1));
  for (const [name, { shows }] of Object.entries(MISTAKES)) {
    const having = cases.filter(({ mistakes }) => mistakes.some((one) => one === name));
    expect(having.length, name).toBeGreaterThan(20);
    expect(having.filter(({ mistakes }) => mistakes.length === 2).length, name).toBeGreaterThan(3);
    for (const { situations } of having)
      expect(situations.some((one) => shows.some((shown) => shown === one))).toBe(true);
  }
});
