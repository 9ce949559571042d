import type { Limit } from '../../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { clearest } from '../judging/clearest.ts';
import { above, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { triggersOf } from '../judging/recovery.ts';
import { duration, number, share, text } from '../judging/verdict-setting.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { spansOf, without } from '../run/spans.ts';

/** Algorithms of which something comes back all the time. */
const FLOWING = new Set(['token-bucket', 'gcra', 'leaky-meter', 'leaky-bucket', 'tick-bucket', 'leaky-queue']);

/** How one bucket was used while calls waited for it. */
interface Use {
  readonly limit: Limit;
  readonly calls: readonly Call[];
  readonly waitedUs: number;
  readonly admitted: number;
  readonly available: number;
}

/**
 * While calls wait, does refill go to waste? (`backoff.md` 3.19.) U = what was admitted in the time in which at least one
 * call had been refused and not yet let in / (what there was at its beginning + what came in meanwhile).
 */
export const leavesQuotaUnused = defineJudge({
  id: 'leaves-quota-unused',
  question: 'Does quota go to waste while calls wait for it?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of the quota unused',
  settings: {
    warn: share(0.1, 'unused share above which it warns'),
    fail: share(0.25, 'unused share above which it fails'),
    target: share(1, 'share of the quota that the client means to use'),
    waiting: number(20, 'calls that must have waited'),
    limit: text('the limit that should be used, whichever refuses; the one that refuses, if left out'),
    time: duration(10_000_000, 'time in which calls waited that is needed'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % unused`,
  decide(run, { warn, fail, target, waiting, time, limit: named }) {
    const uses = usesOf(run, named);
    if (uses.length === 0) return neverArose('No call waited for a limit that gives back all the time.');
    const binding = uses.reduce((most, one) =>
      one.admitted / one.available > most.admitted / most.available ? one : most,
    );
    const { calls, waitedUs, admitted, available, limit } = binding;
    const n = calls.length;
    if (n < waiting || waitedUs < time) {
      const reason = `${n} calls waited for ${formatDuration(waitedUs)} in all; ${waiting} calls and ${formatDuration(time)} are needed.`;
      return tooLittle(n, waiting, reason, 'Use more load than the limit lets in, for longer.');
    }
    const unused = Math.max(0, target - admitted / available);
    return {
      status: above(unused, warn, fail),
      n,
      needed: waiting,
      figure: unused,
      evidence: clearest(calls, waitOf).map((call) =>
        proof(call.attempts.at(-1)!, `waited ${formatDuration(waitOf(call))} in ${call.attempts.length} attempts`),
      ),
      reason:
        `While ${n} calls waited for ${limit.name}, ${formatDuration(waitedUs)} in all, ` +
        `${Math.round(admitted)} of ${Math.round(available)} ${limit.unit} were used.`,
      advice:
        'Pace calls in one queue at the rate of the quota instead of letting each sleep by itself; cap long waits.',
    };
  },
});

const waitOf = (call: Call): number => letInUs(call) - call.startUs;

/** When a call got in, or ended without. */
function letInUs({ attempts, endUs }: Call): number {
  return attempts.find(isAdmitted)?.startUs ?? endUs;
}

function usesOf(run: Run, named: string): Use[] {
  const byBucket = new Map<string, Attempt[]>();
  for (const attempt of run.attempts) {
    for (const { bucket } of attempt.limits) {
      const met = byBucket.get(bucket);
      if (met) met.push(attempt);
      else byBucket.set(bucket, [attempt]);
    }
  }
  return [...byBucket].flatMap(([bucket, attempts]) => useOf(bucket, attempts, run, named));
}

function useOf(bucket: string, attempts: readonly Attempt[], run: Run, named: string): Use[] {
  const sightOf = (attempt: Attempt) => attempt.limits.find((sight) => sight.bucket === bucket);
  const limit = run.header.scenario.provider.limits.find(({ name }) => name === sightOf(attempts[0]!)?.limit);
  const rate = limit && FLOWING.has(limit.spec.algorithm) ? sustainedRate(limit.spec) : null;
  if (!limit || !rate) return [];
  if (named !== '' && limit.name !== named) return [];
  const isRefused = (attempt: Attempt): boolean =>
    named === '' ? sightOf(attempt)?.admit === false : isRejected(attempt);
  const refusedCalls = new Set(attempts.filter(isRefused).map(({ call }) => call));
  const calls = run.calls.filter(({ id }) => refusedCalls.has(id));
  if (calls.length === 0) return [];
  const waits = calls.map((call) => ({ startUs: call.attempts.find(isRefused)!.startUs, endUs: letInUs(call) }));
  // Quota that nobody could use is not left unused.
  const spans = without(spansOf(waits), triggersOf(run));
  const waitedUs = spans.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  let [admitted, held, next] = [0, 0, 0];
  for (const { startUs, endUs } of spans) {
    while (next < attempts.length && attempts[next]!.startUs < startUs) next++;
    if (next < attempts.length) held += sightOf(attempts[next]!)!.before;
    for (; next < attempts.length && attempts[next]!.startUs <= endUs; next++) {
      if (isAdmitted(attempts[next]!)) admitted += sightOf(attempts[next]!)!.cost;
    }
  }
  return [{ limit, calls, waitedUs, admitted, available: held + (rate.amount * waitedUs) / rate.periodUs }];
}
