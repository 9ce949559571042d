import { amplificationWithin, attemptsWithin, everyCallEnds, noCallFails, someAreRefused } from './call-claims.ts';
import { type Claim, claimOfAll, type MatcherResult, resultOf } from './claim.ts';
import { type Judged, judgedRuns } from './judged.ts';
import { thresholdHolds, thresholdsHold } from './threshold-claims.ts';
import { verdictPasses, verdictsPass } from './verdict-claims.ts';

/** What each matcher takes beside the run, or the runs of several seeds, that `expect` was given. */
export interface QuotaLabMatchers {
  /** After a refusal that told how long to wait, it waits at least as long (the verdict `ignores-retry-after`). */
  toHonourRetryAfter(): void;
  /** No call makes more attempts than this, the first included. */
  toStayWithinAttempts(most: number): void;
  /** Attempts for each call that made any, over the run. */
  toStayWithinAmplification(most: number): void;
  /** No call is reported as failed. */
  toHaveNoFailedCalls(): void;
  /** No call is still open when the run ends. */
  toHaveNoUnfinishedCalls(): void;
  /** A limit refuses something: a test of what a client does then is about something. */
  toHaveRefusals(): void;
  /** One verdict passes, if need be with other settings than the scenario's: `('unbounded-retries', { fail: 4 })`. */
  toPassVerdict(id: string, settings?: Readonly<Record<string, unknown>>): void;
  /** Each of these verdicts passes; without any, all of severity `error`, as the exit code of `quotalab run` has it. */
  toPassVerdicts(...ids: string[]): void;
  /** A bound on a metric, as in a scenario: `('call_duration', 'p(95)<20s')`. */
  toMeetThreshold(metric: string, expression: string): void;
  /** Every threshold of the scenario holds. */
  toMeetThresholds(): void;
}

interface MatcherState {
  readonly isNot?: boolean;
}

type Matcher<Args extends unknown[]> = (this: MatcherState, received: unknown, ...args: Args) => MatcherResult;

/** For `expect.extend`, vitest's or jest's. */
export const matchers: { [Name in keyof QuotaLabMatchers]: Matcher<Parameters<QuotaLabMatchers[Name]>> } = {
  toHonourRetryAfter: together((runs) =>
    verdictPasses(runs, 'ignores-retry-after', {}, 'to wait as long as it is told (Retry-After)'),
  ),
  toStayWithinAttempts: each(attemptsWithin),
  toStayWithinAmplification: each(amplificationWithin),
  toHaveNoFailedCalls: each(noCallFails),
  toHaveNoUnfinishedCalls: each(everyCallEnds),
  toHaveRefusals: each(someAreRefused),
  toPassVerdict: together((runs, id: string, settings?: Readonly<Record<string, unknown>>) =>
    verdictPasses(runs, id, settings),
  ),
  toPassVerdicts: together((runs, ...ids: string[]) => verdictsPass(runs, ids)),
  toMeetThreshold: each(thresholdHolds),
  toMeetThresholds: each(thresholdsHold),
};

/** A matcher whose claim is about all the runs at once. */
function together<Args extends unknown[]>(claim: (runs: readonly Judged[], ...args: Args) => Claim): Matcher<Args> {
  return function (received, ...args) {
    return resultOf(claim(judgedRuns(received), ...args), this.isNot ?? false);
  };
}

/** A matcher whose claim is about each run. */
function each<Args extends unknown[]>(claim: (judged: Judged, ...args: Args) => Claim): Matcher<Args> {
  return together((runs, ...args: Args) => claimOfAll(runs, (judged) => claim(judged, ...args)));
}
