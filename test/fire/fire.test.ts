import { describe, expect, it } from 'vitest';
import { disk } from './disk.ts';
import { drawShares } from './fire.ts';
import { kill } from './kill.ts';
import { MAX_BYTES_PER_CALL, measureMemory, recordBytesPerCall } from './memory.ts';

// A few instants with a fixed seed, three of a plain run; `npm run fire` tries more.
describe('killed at any instant, nothing is left running and what was seen is readable', () => {
  describe.each(Object.entries(kill.targets))('%s', (name, target) => {
    it.each(drawShares(name === 'wall' ? 3 : 1, name.length))('at %f of the run', async (share) => {
      const { problems, hit, expected, found } = await target(share);
      expect(problems).toEqual([]);
      // The last instant may lie beyond its end.
      if (share < 0.6) expect(hit).toBe(true);
      expect(found).toBeGreaterThanOrEqual(expected);
    });
  });
});

describe('with a full disk at any instant, one sentence says so and what was seen is judged', () => {
  const targets = Object.entries(disk.targets).filter(([name]) => name.endsWith('limit'));
  describe.each(targets)('%s', (_name, target) => {
    it.each(drawShares(2, 2))('after %f of what it writes', async (share) => {
      const { problems, hit } = await target(share);
      expect(problems).toEqual([]);
      // The last instant may lie beyond all that is written.
      if (share < 0.6) expect(hit).toBe(true);
    });
  });
});

it('a long run keeps no more of a call than its row', async () => {
  const use = await measureMemory('model', 12);
  expect(use.calls).toBe(43_200);
  expect(use.quarters).toHaveLength(4);
  expect(recordBytesPerCall(use)).toBeLessThan(MAX_BYTES_PER_CALL);
});
