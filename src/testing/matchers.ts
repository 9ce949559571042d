import { type AnalysedRun, analysedRuns } from './analysed-run.ts';
import { amplificationWithin, attemptsWithin, everyCallEnds, noCallFails, someAreRefused } from './call-claims.ts';
import { tableIsResilient } from './check-claims.ts';
import { type Claim, combineClaims, type MatcherResult, matcherResult } from './claim.ts';
import { thresholdHolds, thresholdsHold } from './threshold-claims.ts';
import { verdictPasses, verdictsPass } from './verdict-claims.ts';

/** The matchers and their arguments. `expect` gets a run, or the runs of several seeds. */
export interface QuotaLabMatchers {
  /** After a refusal with Retry-After, the client waits at least as long (the verdict `ignores-retry-after`). */
  toHonourRetryAfter(): void;
  /** No call makes more attempts than this, including the first. */
  toStayWithinAttempts(max: number): void;
  /** The mean number of attempts per call is at most this; calls without attempts are ignored. */
  toStayWithinAmplification(max: number): void;
  /** No call fails. */
  toHaveNoFailedCalls(): void;
  /** No call is unfinished at the end of the run. */
  toHaveNoUnfinishedCalls(): void;
  /** A limit refuses at least one attempt: guards a test against a run that never reaches the quota. */
  toHaveRefusals(): void;
  /** One verdict passes, optionally with settings that override the scenario: `('unbounded-retries', { fail: 4 })`. */
  toPassVerdict(id: string, settings?: Readonly<Record<string, unknown>>): void;
  /** Each of these verdicts passes. Without names: all of severity `error`, like the exit code of `quotalab run`. */
  toPassVerdicts(...ids: string[]): void;
  /** A threshold on a metric holds, written as in a scenario: `('call_duration', 'p(95)<20s')`. */
  toMeetThreshold(metric: string, expression: string): void;
  /** Every threshold of the scenario holds. */
  toMeetThresholds(): void;
  /** No row of the table of `check` fails. */
  toBeResilient(): void;
}

interface MatcherState {
  readonly isNot?: boolean;
}

type Matcher<Args extends unknown[]> = (this: MatcherState, received: unknown, ...args: Args) => MatcherResult;

/** The matchers for `expect.extend` of vitest or jest. */
export const matchers: { [Name in keyof QuotaLabMatchers]: Matcher<Parameters<QuotaLabMatchers[Name]>> } = {
  toHonourRetryAfter: forAllRuns((runs) => verdictPasses(runs, 'ignores-retry-after', {}, 'to honour Retry-After')),
  toStayWithinAttempts: forEachRun(attemptsWithin),
  toStayWithinAmplification: forEachRun(amplificationWithin),
  toHaveNoFailedCalls: forEachRun(noCallFails),
  toHaveNoUnfinishedCalls: forEachRun(everyCallEnds),
  toHaveRefusals: forEachRun(someAreRefused),
  toPassVerdict: forAllRuns((runs, id: string, settings?: Readonly<Record<string, unknown>>) =>
    verdictPasses(runs, id, settings),
  ),
  toPassVerdicts: forAllRuns((runs, ...ids: string[]) => verdictsPass(runs, ids)),
  toMeetThreshold: forEachRun(thresholdHolds),
  toMeetThresholds: forEachRun(thresholdsHold),
  toBeResilient(received) {
    return matcherResult(tableIsResilient(received), this.isNot ?? false);
  },
};

/** Creates a matcher that checks all runs at once. */
function forAllRuns<Args extends unknown[]>(
  check: (runs: readonly AnalysedRun[], ...args: Args) => Claim,
): Matcher<Args> {
  return function (received, ...args) {
    return matcherResult(check(analysedRuns(received), ...args), this.isNot ?? false);
  };
}

/** Creates a matcher that checks each run. */
function forEachRun<Args extends unknown[]>(check: (run: AnalysedRun, ...args: Args) => Claim): Matcher<Args> {
  return forAllRuns((runs, ...args: Args) => combineClaims(runs, (run) => check(run, ...args)));
}
