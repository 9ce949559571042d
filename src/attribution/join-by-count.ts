import type { JoinedBy } from '../journal/record.ts';
import { endOf, LONGEST_WAIT_US, mayBeRetried, resolutionOf, toldUs } from './ending.ts';
import type { Trace } from './trace.ts';

/** Room for jitter, and for clocks that are not exact. */
const SLACK_US = 30_000_000;

/** Attempts that follow each other, as one rung has joined them. */
export interface Unit<One extends Trace> {
  readonly attempts: readonly One[];
  readonly by: JoinedBy;
}

interface Chain<One extends Trace> {
  readonly attempts: One[];
  /** More than one call could have made an attempt of it. */
  doubtful: boolean;
}

/**
 * Joins attempts by `x-stainless-retry-count` (or a resend count): n goes with the one open call of the same key and body
 * whose last count was n − 1 and that ended so that it may be tried again. Where several could be it, none is joined, and
 * they are doubtful too; where there is none, the call began before the recording.
 */
export function joinByCount<One extends Trace>(seen: readonly One[]): { units: Unit<One>[]; uncounted: One[] } {
  const chains: Chain<One>[] = [];
  const open = new Map<string, Chain<One>[]>();
  const uncounted: One[] = [];
  for (const one of seen) {
    const { retryCount: count } = one;
    if (count === undefined) {
      uncounted.push(one);
      continue;
    }
    const name = `${one.host} ${one.key} ${one.bodyHash}`;
    const here = (open.get(name) ?? []).filter(
      ({ attempts }) => endOf(attempts.at(-1)!) + LONGEST_WAIT_US + SLACK_US >= one.startUs,
    );
    const before = count === 0 ? [] : here.filter((chain) => mayPrecede(chain.attempts.at(-1)!, one));
    const [only] = before;
    if (only && before.length === 1) only.attempts.push(one);
    else {
      for (const chain of before) chain.doubtful = true;
      const begun = { attempts: [one], doubtful: count > 0 };
      chains.push(begun);
      here.push(begun);
    }
    open.set(name, here);
  }
  const units = chains
    .filter(({ doubtful }) => !doubtful)
    .map(({ attempts }): Unit<One> => ({ attempts, by: 'retry-count' }));
  return { units, uncounted };
}

function mayPrecede(last: Trace, next: Trace): boolean {
  const follows = last.retryCount === next.retryCount! - 1;
  return (
    follows && mayBeRetried(last) && toldUs(last) <= next.startUs + Math.max(resolutionOf(last), resolutionOf(next))
  );
}
