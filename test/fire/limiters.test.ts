import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../mock-server/limiter/create-limiter.ts';
import { NAMES } from '../mock-server/limiter/sample-spec.ts';
import { tokenBucketModel } from './limiters/bucket-models.ts';
import { judge, judgeReset } from './limiters/compare.ts';
import { tryLimiters } from './limiters.ts';

// A few requests with a fixed seed; `npm run fire -- limiters` tries a million of each.
describe('limiters decide as an exact model does', () => {
  it.each(NAMES)('%s', (algorithm) => {
    const { requests, examples, denied, never, wrong } = tryLimiters(algorithm, 800, 1);
    expect({ requests, examples, wrong }).toEqual({ requests: 800, examples: [], wrong: 0 });
    expect(denied).toBeGreaterThan(100);
    expect(never).toBeGreaterThan(10);
  });

  it('a microsecond or a unit too many or too few is seen', () => {
    const spec = { algorithm: 'token-bucket', capacity: 3, refill: { amount: 7, periodUs: 1_000_000 } } as const;
    const limiter = createLimiter(spec);
    const model = tokenBucketModel(spec, 0n);
    const state = limiter.charge(limiter.initial(0), 0, 3);
    model.charge(0n, 3n);
    const decision = limiter.check(state, 150_000, 2);
    expect(decision).toMatchObject({ admit: false, remaining: 1, retryAfterUs: 135_715, resetUs: 278_572 });
    const problems = (altered: Partial<typeof decision>): string[] => [
      ...judge(model, { ...decision, ...altered }, 150_000n, 2n),
      ...judgeReset(model, altered.resetUs ?? decision.resetUs, 150_000n),
    ];
    expect(problems({})).toEqual([]);
    expect(problems({ admit: true })).toEqual(['admit is true, not false']);
    expect(problems({ remaining: 2 })).toEqual(['remaining is 2, not 1']);
    expect(problems({ retryAfterUs: 135_714 })).toEqual(['retryAfterUs 135714 is too early']);
    expect(problems({ retryAfterUs: 135_716 })).toEqual(['retryAfterUs 135716 is too late']);
    expect(problems({ resetUs: 278_571 })).toEqual(['resetUs 278571 is too early']);
    expect(problems({ resetUs: 278_573 })).toEqual(['resetUs 278573 is too late']);
  });
});
