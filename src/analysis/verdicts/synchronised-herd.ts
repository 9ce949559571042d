import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { type Retry, retriesOf } from '../attempts.ts';
import { undecided } from '../finding.ts';
import { median } from '../percentile.ts';
import type { Run } from '../run-view.ts';
import type { Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn: one herd; fail: two, or one of 20 and more';
const LEAST_MEMBERS = 8;
const LEAST_CALLS = 3;
const HERD_SHARE = 0.8;
const HERD_EXCESS = 3;
const LARGE_HERD = 20;

/** Calls that were refused together, and how together they came back. */
interface Cohort {
  readonly members: readonly Retry[];
  /** The members that came back inside one window, the most there are. */
  readonly together: readonly Retry[];
  /** S: their share of the members. X: their number for each request that the quota could take in that window. */
  readonly share: number;
  readonly excess: number;
}

/** Do calls that were refused together come back together, in numbers the quota cannot take? (`backoff.md` 3.6.) */
export const synchronisedHerd: Judge = {
  id: 'synchronised-herd',
  question: 'Do calls that were refused together come back together?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const retries = retriesOf(run).sort((a, b) => a.refused.endUs - b.refused.endUs);
    const common = { unit: 'times the room there was', threshold: THRESHOLD, n: 0, needed: LEAST_MEMBERS };
    if (retries.length === 0) return undecided('not-applicable', { ...common, reason: 'No refused call came back.' });
    const windowUs = windowOf(retries);
    const cohorts = cohortsOf(retries, windowUs).map((members) => cohortOf(members, windowUs, run));
    if (cohorts.length === 0) {
      const reason = `Never were ${LEAST_MEMBERS} refused within ${formatDuration(windowUs)} of each other.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Use more virtual users, or a burst.' });
    }
    return { ...common, n: cohorts.length, needed: 1, ...verdictOn(cohorts, windowUs) };
  },
};

/** w: a tenth of the usual wait, but 20 ms at least and a second at most. */
function windowOf(retries: readonly Retry[]): number {
  return Math.min(1_000_000, Math.max(20_000, Math.round(0.1 * median(retries.map(({ gapUs }) => gapUs)))));
}

/** Chains of refusals no further apart than the window, of enough members and calls. */
function cohortsOf(retries: readonly Retry[], windowUs: number): Retry[][] {
  const chains: Retry[][] = [];
  for (const retry of retries) {
    const chain = chains.at(-1);
    if (chain && retry.refused.endUs - chain.at(-1)!.refused.endUs <= windowUs) chain.push(retry);
    else chains.push([retry]);
  }
  return chains.filter(
    (chain) => chain.length >= LEAST_MEMBERS && new Set(chain.map(({ call }) => call.id)).size >= LEAST_CALLS,
  );
}

function cohortOf(members: readonly Retry[], windowUs: number, run: Run): Cohort {
  const byReturn = members.toSorted((a, b) => a.next.startUs - b.next.startUs);
  let together: readonly Retry[] = [];
  for (let first = 0, last = 0; first < byReturn.length; first++) {
    while (last < byReturn.length && byReturn[last]!.next.startUs - byReturn[first]!.next.startUs <= windowUs) last++;
    if (last - first > together.length) together = byReturn.slice(first, last);
  }
  const places = Math.max(1, placesFor(together[0]!, windowUs, run));
  return { members, together, share: together.length / members.length, excess: together.length / places };
}

/** What the limit that refused could take when the first came back: its level then, and what flows in meanwhile. */
function placesFor({ refused, next }: Retry, windowUs: number, run: Run): number {
  const limit = run.header.scenario.provider.limits.find(({ name }) => name === refused.deniedBy);
  const sight = next.limits.find((seen) => seen.limit === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const units = (sight?.before ?? 0) + (rate ? (rate.amount * windowUs) / rate.periodUs : 0);
  return units / (sight?.cost ?? 1);
}

function groups(count: number): string {
  return count === 1 ? '1 group of calls' : `${count} groups of calls`;
}

function verdictOn(cohorts: readonly Cohort[], windowUs: number): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const herds = cohorts
    .filter(({ share, excess }) => share >= HERD_SHARE && excess >= HERD_EXCESS)
    .sort((a, b) => b.excess - a.excess);
  const worst = herds[0] ?? cohorts.reduce((most, cohort) => (cohort.excess > most.excess ? cohort : most));
  const figures =
    `of ${worst.members.length} refused together ${worst.together.length} came back within ${formatDuration(windowUs)}, ` +
    `${worst.excess.toFixed(1)} for each request the quota could take`;
  if (herds.length === 0) {
    const reason = `${groups(cohorts.length)} refused together; at worst, ${figures}.`;
    return { status: 'pass', figure: worst.excess, evidence: [], reason, advice: '' };
  }
  const failed = herds.length >= 2 || worst.members.length >= LARGE_HERD;
  return {
    status: failed ? 'fail' : 'warn',
    figure: worst.excess,
    evidence: worst.together.slice(0, 10).map(({ call, refused, next, gapUs }) => ({
      call: call.id,
      attempt: next.id,
      atUs: next.startUs,
      what: `refused at ${formatDuration(refused.endUs)}, back after ${formatDuration(gapUs)} with ${worst.together.length - 1} others`,
    })),
    reason: `${herds.length} of ${groups(cohorts.length)} refused together came back as a herd: ${figures}.`,
    advice:
      'Add a random part to every wait, Retry-After included, as wide as the queue takes to drain (waiting calls ÷ rate).',
  };
}
