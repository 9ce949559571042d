import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { statusByShare } from '../judging/how-much-is-proof.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Evidence, type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, share, text } from '../judging/verdict-setting.ts';
import { findBestService, type Service, serve } from '../ledger/best-service.ts';
import { describeOverload } from '../ledger/demand.ts';
import {
  findLateCalls,
  findLatePeriods,
  freeShare,
  type LateCall,
  type LatePeriod,
  wasHeld,
} from '../ledger/late-calls.ts';
import { countUnstarted } from '../ledger/unstarted-calls.ts';
import { collectWants } from '../ledger/wanted.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import type { Call, Run } from '../run/run-view.ts';
import { topBy } from '../statistics/top-by.ts';

/**
 * Compares when calls were admitted with when the limits could have admitted them, one after the other (`backoff.md` 3.19, and
 * `judge.md` 1). The figure is the share of the possible calls that were missing at the worst moment: held in the client, or
 * waiting by themselves between attempts. Calls that were never started count as well, where callers make one after the other. What
 * they were told to wait, and faults, do not count.
 */
export const leavesQuotaUnused = defineJudge({
  id: 'leaves-quota-unused',
  question: 'Does quota go to waste while calls wait for it?',
  severity: 'warn',
  decidedBy: 'share',
  arrange: 'Set a limit below the load, and run for longer than 10 s.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'share of the quota unused',
  settings: {
    warn: share(0.1, 'warn above this unused share'),
    fail: share(0.25, 'fail above this unused share'),
    target: share(1, 'share of the quota that the client should use'),
    limit: text('limit whose use is measured, even if another limit refuses; default: all limits together'),
    time: duration(10_000_000, 'minimum time for which calls were late'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % unused`,
  decide(run, settings) {
    const nobody = notApplicable('No call waited for quota: none was refused, and none was held.');
    // The replay of a large run takes time and memory.
    if (!run.calls.some(mayHaveWaited)) return nobody;
    const services = servicesFor(run, settings.limit);
    const waiting = services.filter(({ want }) => mayHaveWaited(want.call));
    if (waiting.length === 0) return nobody;
    const late = findLateCalls(services, toleranceUs(run));
    const periods = findLatePeriods(services, late);
    const judged = periods.filter(({ startUs, endUs }) => endUs - startUs >= settings.time);
    const worst = topBy(judged, (period) => shareOf(period, run), 1)[0];
    if (!worst) return judgeOnTime(run, waiting.length, periods);
    return judgePeriod(worst, run, settings);
  },
});

/**
 * The unused share of a period: calls that were missing or never started, or the free share of what the quota regained, whichever is
 * less. A queue at the rate of the quota that never uses its burst leaves nothing unused.
 */
function shareOf(period: LatePeriod, run: Run): number {
  const { missing, possible, late } = period;
  const free = freeShare(run, late, period);
  if (free === undefined) return missing / possible;
  const unstarted = countUnstarted(run, late);
  return Math.min((missing + unstarted) / (possible + unstarted), free);
}

/** The service of all limits, or of a single one as if there were no other: what others told calls to wait then counts too. */
function servicesFor(run: Run, name: string): readonly Service[] {
  if (name === '') return findBestService(run);
  const wants = collectWants(run, () => undefined).map((want) => ({
    ...want,
    needs: want.needs.filter(({ limit }) => limit.name === name),
  }));
  return serve(
    run,
    wants.filter(({ needs }) => needs.length > 0),
  );
}

const mayHaveWaited = (call: Call): boolean =>
  wasHeld(call) || call.attempts.some(isRejected) || !call.attempts.some(isAdmitted);

function judgeOnTime(run: Run, n: number, periods: readonly LatePeriod[]): Judgement {
  const late = periods.flatMap((period) => period.late);
  const most = late.reduce((us, one) => Math.max(us, lateness(one)), 0);
  const found =
    late.length === 0
      ? 'None of them was later than the quota allowed.'
      : `${late.length} of them were later than the quota allowed, by ${formatMetric(most)} at most.`;
  return {
    status: 'pass',
    n,
    needed: 1,
    figure: 0,
    reason: `${n} calls waited for quota. ${found}${describeOverload(run)}`,
  };
}

const lateness = ({ couldUs, want }: LateCall): number => want.untilUs - couldUs;

function judgePeriod(
  period: LatePeriod,
  run: Run,
  { warn, fail, target }: { readonly warn: number; readonly fail: number; readonly target: number },
): Judgement {
  const { possible, late } = period;
  const spared = 1 - target;
  const hits = possible * shareOf(period, run);
  const { status, figure, interval } = statusByShare(run, hits, possible, { warn: warn + spared, fail: fail + spared });
  return {
    status,
    n: late.length,
    needed: 1,
    figure: Math.max(0, figure - spared),
    interval,
    evidence: topBy(late, lateness, MAX_EVIDENCE).map((one) => evidenceOf(one, run)),
    reason: `${describeMissing(period, run)}, ${describeWaits(period, run)}.${describeOverload(run)}`,
    advice: isHeld(late)
      ? 'Let calls wait for the quota, not for each other: give back a permit while its call backs off, and let a breaker or a pause end when the quota is back.'
      : 'Pace calls through one queue at the rate of the quota instead of letting each call sleep on its own; cap long waits.',
  };
}

function describeMissing(period: LatePeriod, run: Run): string {
  const { missing, possible, late, startUs, endUs } = period;
  const between = `Between ${formatMetric(startUs)} and ${formatMetric(endUs)}`;
  const unstarted = countUnstarted(run, late);
  const share = shareOf(period, run);
  if (share <= missing / possible) {
    return `${between} the quota could have admitted ${possible} calls; up to ${missing} of them were missing at once`;
  }
  const could = Math.round(Math.min(possible + unstarted, possible / (1 - share)));
  return `${between} the quota could have admitted ${could} calls, but only ${possible} were made: callers whose calls wait start no others, and these were late`;
}

/** Whether most of the time was spent before first attempts. */
function isHeld(late: readonly LateCall[]): boolean {
  return late.reduce((sum, { heldUs, ownUs }) => sum + heldUs - ownUs, 0) > 0;
}

function describeWaits(period: LatePeriod, run: Run): string {
  const { late } = period;
  const held = isHeld(late);
  const longest = topBy(late, ({ heldUs, ownUs }) => (held ? heldUs : ownUs), 1)[0]!;
  const waited = held
    ? `held in the client for up to ${formatMetric(longest.heldUs)} before the first attempt`
    : `waiting by themselves for up to ${formatMetric(longest.ownUs)} after a refusal`;
  return waited + describeFree(longest, run);
}

/** How much of the quota was free while a call was late; empty if no limit has a rate. */
function describeFree(one: LateCall, run: Run): string {
  const free = freeShare(run, [one], { startUs: one.couldUs, endUs: one.want.untilUs });
  return free === undefined ? '' : ` while ${Math.round(free * 100)} % of the quota was free`;
}

function evidenceOf(one: LateCall, run: Run): Evidence {
  const { want, heldUs, ownUs, couldUs } = one;
  const rest = describeFree(one, run);
  const last = want.served ?? want.call.attempts.at(-1);
  if (!last) {
    const what = `held for ${formatMetric(heldUs)}, without an attempt${rest}`;
    return { call: want.call.id, attempt: null, atUs: couldUs, what };
  }
  return proof(
    last,
    heldUs >= ownUs
      ? `held for ${formatMetric(heldUs)}${rest}`
      : `waited ${formatMetric(ownUs)} by itself${rest}, ${want.call.attempts.length} attempts`,
  );
}
