import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { formatError } from '../scenario/format-problems.ts';
import type { Judged } from './judged.ts';

/** Something said of a client, held against one run or several. */
export interface Claim {
  /** What the client is to do, after "expected the client": `to wait as long as it is told`. */
  readonly says: string;
  /** The opposite, where "not" before it reads badly: `to have failed calls`. */
  readonly denies?: string;
  /** Undefined where too little was seen to tell. */
  readonly holds: boolean | undefined;
  /** What was seen, and what to change. */
  readonly seen: readonly string[];
}

/** What a matcher returns, to vitest and to jest alike. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * A claim as a matcher's result. What could not be told passes neither way: under `.not` a result that passes is one that
 * fails the test.
 */
export function resultOf({ holds, says, denies, seen }: Claim, isNot: boolean): MatcherResult {
  const wanted = isNot ? (denies ?? `not ${says}`) : says;
  const but = holds === undefined ? ', but too little was seen to tell' : isNot ? ', but this is what it did' : '';
  const head = `expected the client ${wanted}${but}:`;
  return { pass: holds ?? isNot, message: () => [head, '', ...seen].join('\n') };
}

/** The same claim of each run, as one: all must hold. What is shown are the runs that decide it. */
export function claimOfAll(runs: readonly Judged[], claim: (judged: Judged) => Claim): Claim {
  const claims = runs.map((judged) => ({ ...claim(judged), seed: judged.run.header.seed }));
  const holds = allHold(claims.map((one) => one.holds));
  const deciding = claims.filter((one) => one.holds === holds);
  const seen = deciding.flatMap((one) => (runs.length === 1 ? one.seen : [`  seed ${one.seed}`, ...one.seen]));
  return { ...claims[0]!, holds, seen };
}

/** One that does not hold decides, then one that nobody can tell. */
export function allHold(all: readonly (boolean | undefined)[]): boolean | undefined {
  return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
}

/** What a matcher was asked wrongly, as test runners show it, which is by the message: every problem in it. */
export function askedWrongly(message: string, problems: readonly Problem[]): QuotaLabError {
  const whole = new QuotaLabError('matcher/invalid', message, { problems });
  return new QuotaLabError(whole.code, formatError(whole), { problems });
}
