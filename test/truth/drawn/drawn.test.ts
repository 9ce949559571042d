import { describe, expect, it } from 'vitest';
import { drawCase } from './draw-case.ts';
import { JUDGED } from './expectations.ts';
import { MISTAKES } from './mistakes.ts';
import { runCase } from './run-case.ts';
import { type Shown, shownBy } from './tally.ts';

/** Seeds whose cases show one mistake, two, or none; the words are what was drawn, and guard against shifted draws. */
const CASES: Readonly<Record<number, string>> = {
  1: 'waits equally long each time, retries more than configured',
  19: 'serves the first caller first, keeps the text of a broken stream',
  36: 'has no gate, takes overload for fatal',
  102: 'no mistake',
  123: 'waits for the full minute, sends each request twice',
  147: 'takes a reset for fatal, reads leading digits',
  201: 'no mistake',
  216: 'repeats what stays wrong, has no gate',
  268: 'keeps its place while it waits, changes its key',
  271: 'ends answers that were coming, delivers half an answer',
  349: 'retries in two layers, takes an unreadable answer for fatal',
  407: 'waits for ten minutes, repeats a bill',
  432: 'stays shut, delivers half an answer',
  438: 'delivers half an answer, goes by its own clock',
  446: 'no mistake',
  466: 'retries more than configured, takes a date for a number',
  476: 'repeats what is too large, delivers half an answer',
  483: 'no mistake',
};

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

  it('between them they have every fault, and two at once', () => {
    const faults = shown.map(({ expected }) => JUDGED.filter((id) => expected[id] === 'fault'));
    const never = JUDGED.filter((id) => !faults.flat().includes(id));
    // A drawn client is one process.
    expect(never).toEqual(['limit-per-process']);
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
