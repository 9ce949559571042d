import { expect, it } from 'vitest';
import { soakServe } from './soak.ts';

// `npm run fire -- soak` sends 100,000 keys.
it('what comes to serve goes again: keys, streams, sockets', async () => {
  const { before, waves, after, answered, ended, aborted } = await soakServe({
    keys: 200,
    streams: 6,
    waves: 1,
    idleMs: 20,
    warmUp: 150,
    perTokenMs: 10,
  });
  expect(answered).toBeGreaterThan(200);
  expect([ended, aborted]).toEqual([3, 3]);
  expect(waves[0]!.descriptors).toBeGreaterThan(before.descriptors);
  expect(after.descriptors).toBe(before.descriptors);
  // The compiler still works on a young process.
  expect(after.heapBytes / before.heapBytes).toBeLessThan(2);
});
