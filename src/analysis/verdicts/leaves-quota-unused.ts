import type { Limit } from '../../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { findOutages } from '../judging/recovery.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number, share, text } from '../judging/verdict-setting.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { mergeRanges, subtractRanges } from '../run/time-ranges.ts';
import { topBy } from '../statistics/top-by.ts';

/** Refills that do not depend on when the quota was used. */
const STEADY_REFILLS = new Set(['continuously', 'by-draining', 'in-steps']);

/** The use of one bucket while calls waited for it. */
interface BucketUse {
  readonly limit: Limit;
  readonly calls: readonly Call[];
  readonly waitedUs: number;
  readonly admitted: number;
  readonly available: number;
}

/**
 * Measures the quota used while calls wait for it (`backoff.md` 3.19). U = admitted units / (level at the start + refill), over
 * the time in which at least one refused call was not yet admitted.
 */
export const leavesQuotaUnused = defineJudge({
  id: 'leaves-quota-unused',
  question: 'Does quota go to waste while calls wait for it?',
  severity: 'warn',
  decidedBy: 'share',
  arrange: 'Set a limit that refills continuously below the load, and run for longer than 10 s.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'share of the quota unused',
  settings: {
    warn: share(0.1, 'warn above this unused share'),
    fail: share(0.25, 'fail above this unused share'),
    target: share(1, 'share of the quota that the client should use'),
    waiting: number(20, 'minimum calls that waited'),
    limit: text('limit whose use is measured, even if another limit refuses; default: the limit that refuses'),
    time: duration(10_000_000, 'minimum time in which calls waited'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % unused`,
  decide(run, { warn, fail, target, waiting, time, limit: limitName }) {
    const uses = usesOf(run, limitName);
    if (uses.length === 0) return notApplicable('No call waited for a limit that refills continuously.');
    const binding = uses.reduce((most, use) =>
      use.admitted / use.available > most.admitted / most.available ? use : most,
    );
    const { calls, waitedUs, admitted, available, limit } = binding;
    const n = calls.length;
    if (n < waiting || waitedUs < time) {
      const reason = `${n} calls waited during ${formatDuration(waitedUs)}; ${waiting} calls and ${formatDuration(time)} are needed.`;
      return inconclusive(n, waiting, reason, 'Use more load than the limit admits, for longer.');
    }
    const unused = Math.max(0, target - admitted / available);
    return {
      status: above(unused, warn, fail),
      n,
      needed: waiting,
      figure: unused,
      evidence: topBy(calls, waitOf, MAX_EVIDENCE).map((call) =>
        proof(call.attempts.at(-1)!, `waited ${formatDuration(waitOf(call))}, ${call.attempts.length} attempts`),
      ),
      reason:
        `${Math.round(admitted)} of ${Math.round(available)} ${limit.unit} were used ` +
        `during the ${formatDuration(waitedUs)} in which ${n} calls waited for limit ${limit.name}.`,
      advice:
        'Pace calls through one queue at the rate of the quota instead of letting each call sleep on its own; cap long waits.',
    };
  },
});

const waitOf = (call: Call): number => admittedUs(call) - call.startUs;

/** When a call was first admitted, or ended without admission. */
function admittedUs({ attempts, endUs }: Call): number {
  return attempts.find(isAdmitted)?.startUs ?? endUs;
}

function usesOf(run: Run, limitName: string): BucketUse[] {
  const byBucket = new Map<string, Attempt[]>();
  for (const attempt of run.attempts) {
    for (const { bucket } of attempt.limits) {
      const known = byBucket.get(bucket);
      if (known) known.push(attempt);
      else byBucket.set(bucket, [attempt]);
    }
  }
  return [...byBucket].flatMap(([bucket, attempts]) => useOf(bucket, attempts, run, limitName));
}

function useOf(bucket: string, attempts: readonly Attempt[], run: Run, limitName: string): BucketUse[] {
  const viewOf = (attempt: Attempt) => attempt.limits.find((view) => view.bucket === bucket);
  const limit = run.header.scenario.provider.limits.find(({ name }) => name === viewOf(attempts[0]!)?.limit);
  const rate = limit && STEADY_REFILLS.has(algorithmOf(limit.spec).refills) ? sustainedRate(limit.spec) : null;
  if (!limit || !rate) return [];
  if (limitName !== '' && limit.name !== limitName) return [];
  const isRefused = (attempt: Attempt): boolean =>
    limitName === '' ? viewOf(attempt)?.admit === false : isRejected(attempt);
  const refusedCalls = new Set(attempts.filter(isRefused).map(({ call }) => call));
  const calls = run.calls.filter(({ id }) => refusedCalls.has(id));
  if (calls.length === 0) return [];
  const waits = calls.map((call) => ({ startUs: call.attempts.find(isRefused)!.startUs, endUs: admittedUs(call) }));
  // Quota that no call could use does not count as unused.
  const ranges = subtractRanges(mergeRanges(waits), findOutages(run));
  const waitedUs = ranges.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  let [admitted, initialLevels, next] = [0, 0, 0];
  for (const { startUs, endUs } of ranges) {
    while (next < attempts.length && attempts[next]!.startUs < startUs) next++;
    if (next < attempts.length) initialLevels += viewOf(attempts[next]!)!.before;
    for (; next < attempts.length && attempts[next]!.startUs <= endUs; next++) {
      if (isAdmitted(attempts[next]!)) admitted += viewOf(attempts[next]!)!.cost;
    }
  }
  return [{ limit, calls, waitedUs, admitted, available: initialLevels + (rate.amount * waitedUs) / rate.periodUs }];
}
