import fc from 'fast-check';
import { expect, it } from 'vitest';
import { learnLimits } from '../../../src/learn/learn.ts';
import { renderLearntLimits } from '../../../src/learn/render.ts';
import type { Observation } from '../../../src/recorded/observation.ts';

function reply(second: number, status: number, waitS?: number): Observation {
  const atUs = second * 1_000_000;
  const wait = waitS === undefined ? {} : { requestedWaitUs: waitS * 1_000_000 };
  return { atUs, endUs: atUs + 1000, timed: true, status, headers: {}, endpoint: 'chat.completions', ...wait };
}

it('30 calls of 3 attempts, the first of them refused: a rate is learnt, and that no burst was seen', () => {
  const replies = Array.from({ length: 30 }, (_, call) => [
    reply(3 * call, call === 0 ? 429 : 200),
    reply(3 * call + 1, 429),
    reply(3 * call + 2, call % 2 === 0 ? 429 : 200),
  ]).flat();
  const block = renderLearntLimits(learnLimits(replies)).replace(/\n#? +/g, ' ');
  expect(block).toContain('algorithm: token-bucket');
  expect(block).toContain('the burst from idle: the recording starts with refusals');
});

it('whatever the order of answers and refusals, limits are learnt or a reason is given', () => {
  const any = fc.record({
    gap: fc.integer({ min: 0, max: 5 }),
    status: fc.constantFrom(200, 200, 429, 503, 0),
    wait: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
  });
  let withLimit = 0;
  fc.assert(
    fc.property(fc.array(any, { minLength: 40, maxLength: 90 }), (list) => {
      let second = 0;
      const replies = list.map(({ gap, status, wait }) => {
        second += gap;
        return reply(second, status, status === 429 ? wait : undefined);
      });
      const learnt = learnLimits(replies);
      if (learnt.limits.length > 0) withLimit++;
      expect(renderLearntLimits(learnt)).not.toMatch(/NaN|Infinity|undefined/);
    }),
    { numRuns: 300 },
  );
  expect(withLimit).toBeGreaterThan(10);
});
