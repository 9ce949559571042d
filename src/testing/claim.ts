import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { formatError } from '../scenario/format-problems.ts';
import type { AnalysedRun } from './analysed-run.ts';

/** A claim about a client, checked against one run or several. */
export interface Claim {
  /** What the client must do, after "expected the client": `to honour Retry-After`. */
  readonly expectation: string;
  /** The opposite, if `not` before `expectation` reads badly: `to have failed calls`. */
  readonly negatedExpectation?: string;
  /** Undefined if the run has too little evidence. */
  readonly holds: boolean | undefined;
  /** What was observed, and what to change. */
  readonly details: readonly string[];
}

/** The result of a matcher, for vitest and jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Converts a claim to the result of a matcher. An inconclusive claim fails with and without `.not`; under `.not`, only
 * `pass: true` fails the test.
 */
export function matcherResult(
  { holds, expectation, negatedExpectation, details }: Claim,
  isNot: boolean,
): MatcherResult {
  const expected = isNot ? (negatedExpectation ?? `not ${expectation}`) : expectation;
  const but = holds === undefined ? ', but the run has too little evidence' : isNot ? ', but got' : '';
  const head = `expected the client ${expected}${but}:`;
  return { pass: holds ?? isNot, message: () => [head, '', ...details].join('\n') };
}

/** Combines one claim over several runs: all must hold. The details are those of the deciding runs. */
export function combineClaims(runs: readonly AnalysedRun[], claim: (run: AnalysedRun) => Claim): Claim {
  const claims = runs.map((each) => ({ ...claim(each), seed: each.run.header.seed }));
  const holds = allHold(claims.map((result) => result.holds));
  const deciding = claims.filter((result) => result.holds === holds);
  const details = deciding.flatMap((result) =>
    runs.length === 1 ? result.details : [`  seed ${result.seed}`, ...result.details],
  );
  return { ...claims[0]!, holds, details };
}

/** Combines outcomes: false if one is false, else undefined if one is undefined, else true. */
export function allHold(all: readonly (boolean | undefined)[]): boolean | undefined {
  return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
}

/** Creates the error for invalid arguments. The message lists every problem, since test runners show only the message. */
export function invalidMatcherError(message: string, problems: readonly Problem[]): QuotaLabError {
  const error = new QuotaLabError('matcher/invalid', message, { problems });
  return new QuotaLabError(error.code, formatError(error), { problems });
}
