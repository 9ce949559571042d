import { expect, it } from 'vitest';
import { describeUnchallenged } from '../../../../src/analysis/run/unchallenged.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

const head = header([requestLimit(5, 10)]);
const calm = Array.from({ length: 6 }, (_, n) => `c${n}.1 ${n * 400}-${n * 400 + 50} 200 before=${10 - n}`).join('\n');

it('a run in which nothing was refused: the peak of the load beside the limit', () => {
  // Starts at 0, 0.4, 0.8, 1.2, 1.6 and 2 s: three in any second, and the fullest bucket loses six of ten.
  expect(describeUnchallenged(runOf(strip(calm), { head }))).toBe(
    'Nothing was refused and nothing failed: the load peaked at 3 requests in 1s, and limit requests admits 5 in 1s ' +
      '(at least 4 were always left). Lower the limit, raise the load, or run quotalab check.',
  );
});

it.each([
  ['a refusal', 'x.1 9000-9010 429'],
  ['a server error', 'x.1 9000-9010 503'],
  ['a broken connection', 'x.1 9000-9010 reset'],
  ['a request that the client closed', 'x.1 9000-9010 timeout'],
  ['a call that failed without a request', '=> x error'],
])('%s is something to judge', (_name, line) => {
  expect(describeUnchallenged(runOf(strip(`${calm}\n${line}`), { head }))).toBeUndefined();
});

it('without a limit, and without any request', () => {
  expect(describeUnchallenged(runOf(strip(calm), { head: header([]) }))).toContain('the provider has no limit');
  expect(describeUnchallenged(runOf([], { head, endMs: 10 }))).toBeUndefined();
});
