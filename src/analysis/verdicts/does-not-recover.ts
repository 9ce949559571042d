import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { findOutages, measureRecovery, type Recovery } from '../judging/recovery.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number, share } from '../judging/verdict-setting.ts';
import { findTightestRate } from '../run/limit-rate.ts';
import type { Run } from '../run/run-view.ts';

/**
 * Measures how long after an outage arrivals take to return to their earlier rate, against the minimum time in which the
 * backlog can drain (`backoff.md` 3.13). Where refused requests are charged, retries can keep the quota at zero forever (1.3);
 * it warns about that without an outage.
 */
export const doesNotRecover = defineJudge({
  id: 'does-not-recover',
  question: 'Does load return to normal after an outage?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add an outage of 10 s or more: a fault with status 503, from and for.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 's to recover',
  settings: {
    warn: duration(30_000_000, 'warn when recovery takes this much longer than twice the minimum'),
    fail: duration(60_000_000, 'fail when recovery takes this much longer than twice the minimum'),
    goodput: share(0.8, 'share of the earlier goodput that must be back within two minutes'),
    calls: number(50, 'minimum calls that hit the outage'),
  },
  threshold: ({ warn, fail }) =>
    `warn > 2 × the minimum + ${formatDuration(warn)}, fail > 2 × the minimum + ${formatDuration(fail)} or never`,
  decide(run, settings) {
    const outages = findOutages(run);
    if (outages.length === 0) return judgeVulnerable(run) ?? notApplicable('No outage lasted 10 s or longer.');
    const recoveries = outages.map((outage) => measureRecovery(run, outage));
    const judged = recoveries.filter(({ affectedCalls, observed }) => affectedCalls >= settings.calls && observed);
    const n = recoveries.reduce((most, { affectedCalls }) => Math.max(most, affectedCalls), 0);
    if (judged.length === 0) {
      const reason = `${n} calls hit the outage. Needed: ${settings.calls} calls, load below 90 % of the quota before it, and 2 minutes of run after it.`;
      return inconclusive(
        n,
        settings.calls,
        reason,
        'Run longer after the outage, at a steady arrival rate below the quota.',
      );
    }
    const worst = judged.reduce((most, one) => (one.recoveryUs > most.recoveryUs ? one : most));
    return { n, needed: settings.calls, ...judgeRecovery(worst, run, settings) };
  },
});

function judgeRecovery(
  recovery: Recovery,
  run: Run,
  { warn, fail, goodput }: { readonly warn: number; readonly fail: number; readonly goodput: number },
): Omit<Judgement, 'n' | 'needed'> {
  const { outage, recoveryUs, minDrainUs, backlog, goodputShare } = recovery;
  const never = recoveryUs === Infinity;
  const beyondUs = recoveryUs - 2 * minDrainUs;
  const failed = (never && goodputShare < goodput) || (!never && beyondUs > fail);
  const evidence = run.attempts
    .filter(({ startUs }) => startUs >= outage.endUs)
    .slice(0, MAX_EVIDENCE)
    .map((attempt) =>
      proof(
        attempt,
        `attempt ${attempt.number} of its call, ${formatDuration(attempt.startUs - outage.endUs)} after the outage`,
      ),
    );
  const took = never
    ? 'Arrivals never returned to their earlier rate'
    : `Arrivals took ${formatDuration(recoveryUs)} to return to their earlier rate`;
  return {
    status: failed ? 'fail' : never || beyondUs > warn ? 'warn' : 'pass',
    figure: never ? (run.endUs - outage.endUs) / 1e6 : recoveryUs / 1e6,
    evidence,
    reason:
      `${took} after the outage at ${formatDuration(outage.startUs)}; its backlog of ${backlog} calls needs at least ${formatDuration(Math.round(minDrainUs))}. ` +
      `Goodput in the second minute: ${Math.round(goodputShare * 100)} % of normal${chargedNote(run)}.`,
    advice:
      'Limit retries with a budget (10 % of requests) and cap the number of waiting calls, so that load falls while nothing gets through.',
  };
}

function chargedNote({ header }: Run): string {
  return header.scenario.provider.limits.some(({ chargeRejected }) => chargeRejected !== 'none')
    ? '; refused requests are charged'
    : '';
}

/**
 * Warns where refused requests are charged and calls per second × the maximum attempts per call exceed the refill: one outage
 * can then keep the limit at zero.
 */
function judgeVulnerable(run: Run): Judgement | undefined {
  const rate = findTightestRate(run);
  const limit = run.header.scenario.provider.limits.find(({ name }) => name === rate?.limit);
  const calls = run.calls.filter(({ attempts }) => attempts.length > 0);
  if (!rate || !limit || limit.chargeRejected === 'none' || run.endUs === 0 || calls.length === 0) return undefined;
  const most = calls.reduce((max, { attempts }) => Math.max(max, attempts.length), 1);
  const times = ((calls.length / (run.endUs / 1e6)) * most) / rate.perSecond;
  if (times <= 1) return undefined;
  return {
    status: 'warn',
    n: calls.length,
    needed: 1,
    reason:
      `Calls × ${most} attempts are ${times.toFixed(2)}× the refill of limit ${limit.name}, and refused requests are charged: ` +
      'after an outage, retries alone can keep the limit at zero.',
    advice: 'Keep calls per second × attempts below the refill, or limit retries with a budget (10 % of requests).',
  };
}
