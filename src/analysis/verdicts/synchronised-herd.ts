import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { maxByChance } from '../statistics/chance.ts';
import { largest, smallest } from '../statistics/extremes.ts';
import { median } from '../statistics/percentile.ts';
import { densestWindow } from '../statistics/scan.ts';

const MIN_CALLS = 3;
/** Probability that eight calls with equal jitter retry as a herd by chance (`backoff.md` 4.3). */
const CHANCE_PER_COHORT = 0.005;

const settings = {
  share: share(0.8, 'share of a group that returns in step'),
  excess: number(3, 'multiple of what the quota can admit as they return'),
  members: number(8, 'minimum calls refused together'),
  large: number(20, 'fail for one herd of at least this many calls'),
};

/** Calls that were refused together, and how many of them returned in step. */
interface Cohort {
  readonly members: readonly Retry[];
  /** The largest set of members that returned in step, within one window. */
  readonly together: readonly Retry[];
  /** From the first refusal to the last. */
  readonly spreadUs: number;
  /** `share` (S): their share of the members. `excess` (X): their multiple of what the quota could admit as they return. */
  readonly share: number;
  readonly excess: number;
}

/**
 * Detects calls that were refused together and retry together, in numbers the quota cannot admit (`backoff.md` 3.6). The shape of
 * the returns is compared with the shape of the refusals, so a herd that was spread when it was refused is one when it returns.
 */
export const synchronisedHerd = defineJudge({
  id: 'synchronised-herd',
  question: 'Do calls that were refused together retry together?',
  severity: 'warn',
  decidedBy: 'chance',
  arrange: 'Start at least 8 calls at once above a limit: more VUs, or a burst.',
  about: 'attempts',
  // Without limits, what the quota could admit is unknown; that does not matter if few retried together.
  needs: { limits: 'to-fail', 'fine-clock': 'to-decide', 'inner-attempts': 'to-decide' },
  unit: '× what the quota could admit',
  settings,
  threshold: ({ large }) => `warn: more herds than by chance, fail: two such herds or one of at least ${large} calls`,
  decide(run, bounds) {
    const retries = findRetries(run).toSorted((a, b) => a.refused.endUs - b.refused.endUs);
    if (retries.length === 0) return notApplicable('No refused call was retried.');
    const windowUs = returnWindowUs(retries);
    const cohorts = findCohorts(retries, windowUs, bounds.members).map((members) =>
      measureCohort(members, windowUs, bounds.share, run),
    );
    if (cohorts.length === 0) {
      const reason = `No ${bounds.members} calls were refused within ${formatDuration(windowUs)} of each other.`;
      return inconclusive(0, 1, reason, 'Use more VUs, or a burst.');
    }
    return { n: cohorts.length, needed: 1, ...judgeCohorts(cohorts, windowUs, bounds) };
  },
});

/** w: a tenth of the median wait, between 20 ms and 1 s. */
function returnWindowUs(retries: readonly Retry[]): number {
  return Math.min(1_000_000, Math.max(20_000, Math.round(0.1 * median(retries.map(({ gapUs }) => gapUs)))));
}

/** Chains of refusals at most one window apart, with enough members and calls. */
function findCohorts(retries: readonly Retry[], windowUs: number, least: number): Retry[][] {
  const chains: Retry[][] = [];
  for (const retry of retries) {
    const chain = chains.at(-1);
    if (chain && retry.refused.endUs - chain.at(-1)!.refused.endUs <= windowUs) chain.push(retry);
    else chains.push([retry]);
  }
  return chains.filter((chain) => chain.length >= least && new Set(chain.map(({ call }) => call.id)).size >= MIN_CALLS);
}

/** Measures a cohort by the way of returning in step that is worst for the quota, among those that enough members share. */
function measureCohort(members: readonly Retry[], windowUs: number, least: number, run: Run): Cohort {
  const refusals = members.map(({ refused }) => refused.endUs);
  // A herd keeps its shape: refusals that were spread over this time return spread over it.
  const spreadUs = largest(refusals) - smallest(refusals);
  const gravity = ({ share, excess }: Cohort): number => (share >= least ? 1e6 : 0) + excess;
  return waysInStep(members, windowUs, spreadUs)
    .map(({ together, inTimeUs }): Cohort => {
      const firstUs = smallest(together.map(({ next }) => next.startUs));
      const returned = together.filter(({ next }) => next.startUs <= firstUs + inTimeUs);
      // Of simultaneous retries, only the first one served recorded the level before them.
      const admissible = Math.max(1, ...returned.map((member) => admissibleRequests(member, inTimeUs, run)));
      const share = together.length / members.length;
      return { members, together, spreadUs, share, excess: returned.length / admissible };
    })
    .reduce((worst, cohort) => (gravity(cohort) > gravity(worst) ? cohort : worst));
}

/**
 * Returns the most members that return in step, in each of three ways, and the time over which they return: at one moment; after
 * equal waits; or equally long after what each was told, if they were told different waits.
 */
function waysInStep(
  members: readonly Retry[],
  windowUs: number,
  spreadUs: number,
): { readonly together: readonly Retry[]; readonly inTimeUs: number }[] {
  const inTimeUs = spreadUs + windowUs;
  const told = new Set(members.map(({ refused }) => refused.retryAfterUs));
  const onTop = ({ gapUs, refused }: Retry): number => gapUs - refused.retryAfterUs!;
  return [
    { together: densestWindow(members, ({ next }) => next.startUs, windowUs), inTimeUs: windowUs },
    { together: densestWindow(members, ({ gapUs }) => gapUs, windowUs), inTimeUs },
    ...(told.size < 2 || told.has(undefined) ? [] : [{ together: densestWindow(members, onTop, windowUs), inTimeUs }]),
  ];
}

/** Requests that the refusing limit could admit in this time: its level at the first retry, plus the refill. */
function admissibleRequests({ refused, next }: Retry, inTimeUs: number, run: Run): number {
  const limit = limitsOf(run.header.scenario).find(({ name }) => name === refused.deniedBy);
  const view = next.limits.find((candidate) => candidate.limit === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const units = (view?.before ?? 0) + (rate ? (rate.amount * inTimeUs) / rate.periodUs : 0);
  return units / (view?.cost ?? 1);
}

function describeCohorts(count: number): string {
  return count === 1 ? '1 group of calls' : `${count} groups of calls`;
}

function judgeCohorts(
  cohorts: readonly Cohort[],
  windowUs: number,
  bounds: { readonly share: number; readonly excess: number; readonly large: number },
): Omit<Judgement, 'n' | 'needed'> {
  const herds = cohorts
    .filter((cohort) => cohort.share >= bounds.share && cohort.excess >= bounds.excess)
    .sort((a, b) => b.excess - a.excess);
  const worst = herds[0] ?? cohorts.reduce((most, cohort) => (cohort.excess > most.excess ? cohort : most));
  const figures =
    `${worst.together.length} of ${worst.members.length}, refused ${worst.spreadUs === 0 ? 'at one instant' : `within ${formatMetric(worst.spreadUs)}`}, returned in step to within ` +
    `${formatDuration(windowUs)}, ${round(worst.excess)}× what the quota could admit as they returned`;
  // Among many groups, a small one retries together now and then by chance.
  if (
    herds.length <= maxByChance(cohorts.length, CHANCE_PER_COHORT) &&
    !(herds[0] && herds[0].members.length >= bounds.large)
  ) {
    const reason = `${describeCohorts(cohorts.length)} refused together, no more herds than by chance; at worst, ${figures}.`;
    return { status: 'pass', figure: worst.excess, reason };
  }
  const large = worst.members.length >= bounds.large;
  const failed = herds.length > Math.max(1, maxByChance(cohorts.length, CHANCE_PER_COHORT)) || large;
  return {
    status: failed ? 'fail' : 'warn',
    figure: worst.excess,
    evidence: worst.together
      .slice(0, MAX_EVIDENCE)
      .map(({ refused, next, gapUs }) =>
        proof(
          next,
          `refused at ${formatMetric(refused.endUs)}, retried after ${formatMetric(gapUs)} with ${worst.together.length - 1} others`,
        ),
      ),
    reason: `${herds.length} of ${describeCohorts(cohorts.length)} refused together retried as a herd; at worst, ${figures}.`,
    advice:
      'Add jitter to every wait, including Retry-After, as wide as the queue takes to drain (waiting calls ÷ rate).',
  };
}
