import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { type Retry, retriesOf } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { mostByChance } from '../statistics/chance.ts';
import { median } from '../statistics/percentile.ts';

const LEAST_CALLS = 3;
/** A group of eight with jitter comes back as a herd in so many of its returns (`backoff.md` 4.3, half of jitter). */
const BY_CHANCE = 0.005;

const settings = {
  share: share(0.8, 'share of those refused together that come back within one window'),
  excess: number(3, 'for each request that the quota can take in it'),
  members: number(8, 'calls that must have been refused together'),
  large: number(20, 'members from which on one herd fails'),
};

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
export const synchronisedHerd = defineJudge({
  id: 'synchronised-herd',
  question: 'Do calls that were refused together come back together?',
  severity: 'warn',
  about: 'attempts',
  statistical: true,
  unit: 'times the room there was',
  settings,
  threshold: ({ large }) => `warn: more herds than by chance; fail: two of them, or one of ${large} and more`,
  decide(run, bounds) {
    const retries = retriesOf(run).toSorted((a, b) => a.refused.endUs - b.refused.endUs);
    if (retries.length === 0) return neverArose('No refused call came back.');
    const windowUs = windowOf(retries);
    const cohorts = cohortsOf(retries, windowUs, bounds.members).map((members) => cohortOf(members, windowUs, run));
    if (cohorts.length === 0) {
      const reason = `Never were ${bounds.members} refused within ${formatDuration(windowUs)} of each other.`;
      return tooLittle(0, 1, reason, 'Use more virtual users, or a burst.');
    }
    return { n: cohorts.length, needed: 1, ...verdictOn(cohorts, windowUs, bounds) };
  },
});

/** w: a tenth of the usual wait, but 20 ms at least and a second at most. */
function windowOf(retries: readonly Retry[]): number {
  return Math.min(1_000_000, Math.max(20_000, Math.round(0.1 * median(retries.map(({ gapUs }) => gapUs)))));
}

/** Chains of refusals no further apart than the window, of enough members and calls. */
function cohortsOf(retries: readonly Retry[], windowUs: number, least: number): Retry[][] {
  const chains: Retry[][] = [];
  for (const retry of retries) {
    const chain = chains.at(-1);
    if (chain && retry.refused.endUs - chain.at(-1)!.refused.endUs <= windowUs) chain.push(retry);
    else chains.push([retry]);
  }
  return chains.filter(
    (chain) => chain.length >= least && new Set(chain.map(({ call }) => call.id)).size >= LEAST_CALLS,
  );
}

function cohortOf(members: readonly Retry[], windowUs: number, run: Run): Cohort {
  const byReturn = members.toSorted((a, b) => a.next.startUs - b.next.startUs);
  let together: readonly Retry[] = [];
  for (let first = 0, last = 0; first < byReturn.length; first++) {
    while (last < byReturn.length && byReturn[last]!.next.startUs - byReturn[first]!.next.startUs <= windowUs) last++;
    if (last - first > together.length) together = byReturn.slice(first, last);
  }
  // Of those that come in one instant, the first to be served has met what there was.
  const places = Math.max(1, ...together.map((member) => placesFor(member, windowUs, run)));
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

function verdictOn(
  cohorts: readonly Cohort[],
  windowUs: number,
  bounds: { readonly share: number; readonly excess: number; readonly large: number },
): Omit<Decision, 'n' | 'needed'> {
  const herds = cohorts
    .filter((cohort) => cohort.share >= bounds.share && cohort.excess >= bounds.excess)
    .sort((a, b) => b.excess - a.excess);
  const worst = herds[0] ?? cohorts.reduce((most, cohort) => (cohort.excess > most.excess ? cohort : most));
  const figures =
    `of ${worst.members.length} refused together ${worst.together.length} came back within ${formatDuration(windowUs)}, ` +
    `${worst.excess.toFixed(1)} for each request the quota could take`;
  // Of many groups a small one comes back together now and then, whoever its members are.
  if (
    herds.length <= mostByChance(cohorts.length, BY_CHANCE) &&
    !(herds[0] && herds[0].members.length >= bounds.large)
  ) {
    const reason = `${groups(cohorts.length)} refused together; at worst, ${figures}.`;
    return { status: 'pass', figure: worst.excess, reason };
  }
  const large = worst.members.length >= bounds.large;
  const failed = herds.length > Math.max(1, mostByChance(cohorts.length, BY_CHANCE)) || large;
  return {
    status: failed ? 'fail' : 'warn',
    figure: worst.excess,
    evidence: worst.together
      .slice(0, MOST_EVIDENCE)
      .map(({ refused, next, gapUs }) =>
        proof(
          next,
          `refused at ${formatDuration(refused.endUs)}, back after ${formatDuration(gapUs)} with ${worst.together.length - 1} others`,
        ),
      ),
    reason: `${herds.length} of ${groups(cohorts.length)} refused together came back as a herd: ${figures}.`,
    advice:
      'Add a random part to every wait, Retry-After included, as wide as the queue takes to drain (waiting calls ÷ rate).',
  };
}
