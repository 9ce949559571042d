import { expect, it } from 'vitest';
import type { Sight } from '../../../mock-server/reply.ts';
import { createCallOf } from '../../../src/journal/call-of.ts';

it('an attempt belongs to its tag, else to the one call that has sent the same', () => {
  const callOf = createCallOf();
  const film: [callTag: string | undefined, bodyHash: string, call: number | null, joinedBy: string][] = [
    [undefined, 'a', null, 'none'],
    ['1', 'a', 1, 'tag'],
    [undefined, 'a', 1, 'body-hash'],
    ['1', 'a', 1, 'tag'],
    [undefined, 'a', 1, 'body-hash'],
    ['2', 'b', 2, 'tag'],
    [undefined, 'b', 2, 'body-hash'],
    ['3', 'a', 3, 'tag'],
    // Two calls have sent it: who sent this?
    [undefined, 'a', null, 'none'],
    ['3', 'a', 3, 'tag'],
    [undefined, 'a', null, 'none'],
    ['no number', 'b', 2, 'body-hash'],
  ];
  for (const [callTag, bodyHash, call, joinedBy] of film)
    expect(callOf({ ...(callTag !== undefined && { callTag }), bodyHash } as Sight)).toEqual({ call, joinedBy });
});
