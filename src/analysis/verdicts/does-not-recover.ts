import { formatDuration } from '../../../mock-server/duration.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { formatMetric, round } from '../format.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { findOutages, measureRecovery, type Recovery } from '../judging/recovery.ts';
import { type Evidence, type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number, share } from '../judging/verdict-setting.ts';
import { findTightestRate } from '../run/limit-rate.ts';
import type { Call, Run } from '../run/run-view.ts';

/**
 * Measures how long after an outage calls are answered again, against the minimum time in which the backlog can drain
 * (`backoff.md` 3.13, `judge.md` 1): breakers, cool-downs, dead workers and paused queues do not recover while they send nothing.
 * Where refused requests are charged, retries can keep the quota at zero forever (1.3); it warns about that without an outage.
 */
export const doesNotRecover = defineJudge({
  id: 'does-not-recover',
  question: 'Are calls answered again after an outage?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange:
    'Add a fault of 10 s or more ({ at: 30s, for: 30s, status: 503 }) under a load below the quota, and run 2 minutes longer.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 's to recover',
  settings: {
    warn: duration(30_000_000, 'warn when recovery takes this much longer than twice the minimum'),
    fail: duration(60_000_000, 'fail when recovery takes this much longer than twice the minimum'),
    goodput: share(0.8, 'share of the calls started in any 10 s that must be answered'),
    calls: number(50, 'minimum calls that hit the outage, unless time is virtual'),
  },
  threshold: ({ warn, fail }) =>
    `warn > 2 × the minimum + ${formatDuration(warn)}, fail > 2 × the minimum + ${formatDuration(fail)} or never`,
  decide(run, settings) {
    const outages = findOutages(run);
    if (outages.length === 0) return judgeVulnerable(run) ?? notApplicable('No outage lasted 10 s or longer.');
    const recoveries = outages.map((outage) => measureRecovery(run, outage, settings.goodput));
    const needed = isExact(run) ? 1 : settings.calls;
    const n = recoveries.reduce((most, { affectedCalls }) => Math.max(most, affectedCalls), 0);
    const judged = recoveries.filter(
      (recovery) => recovery.affectedCalls >= needed && recovery.hasRoom && isWatched(recovery, settings.fail),
    );
    if (judged.length === 0) {
      const found = recoveries.map(describeRecovery).join(' ');
      const reason = `${n} calls hit the outage. Needed: ${needed}, load below 90 % of the quota before it, and time to recover after it. ${found}`;
      return inconclusive(n, needed, reason, 'Run longer after the outage, at a steady arrival rate below the quota.');
    }
    const worst = judged.reduce((most, one) => (one.recoveryUs > most.recoveryUs ? one : most));
    return { n, needed, ...judgeRecovery(worst, run, settings) };
  },
});

/** Whether a recovery was seen, or its bound passed without one. */
function isWatched({ recoveryUs, watchedUs, minDrainUs }: Recovery, failUs: number): boolean {
  return recoveryUs < Infinity || watchedUs > 2 * minDrainUs + failUs;
}

function judgeRecovery(
  recovery: Recovery,
  run: Run,
  { warn, fail }: { readonly warn: number; readonly fail: number },
): Omit<Judgement, 'n' | 'needed'> {
  const { recoveryUs, minDrainUs, watchedUs, unanswered } = recovery;
  const beyondUs = recoveryUs - 2 * minDrainUs;
  return {
    status: above(beyondUs, warn, fail),
    figure: (recoveryUs === Infinity ? watchedUs : recoveryUs) / 1e6,
    evidence: unanswered.slice(0, MAX_EVIDENCE).map((call) => evidenceOf(call, recovery)),
    reason: `${describeRecovery(recovery)}${chargedNote(run)}`,
    advice: adviceFor(unanswered),
  };
}

function describeRecovery({
  recoveryUs,
  outage,
  backlog,
  minDrainUs,
  unanswered,
  started,
  watchedUs,
}: Recovery): string {
  const after = `after the outage at ${formatMetric(outage.startUs)}`;
  const silent = unanswered.filter(({ attempts }) => attempts.length === 0).length;
  const lost = `${unanswered.length} of ${started} calls that started after it were not answered${silent > 0 ? `, ${silent} of them without an attempt` : ''}`;
  if (recoveryUs === Infinity)
    return `Calls were not answered again in the ${formatMetric(watchedUs)} ${after}: ${lost}.`;
  const drain = `its backlog of ${backlog} calls needs at least ${formatMetric(minDrainUs)}`;
  return `Calls were answered again ${formatMetric(recoveryUs)} ${after}; ${drain}. ${capital(lost)}.`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

function evidenceOf(call: Call, { outage }: Recovery): Evidence {
  const when = `${formatMetric(call.startUs - outage.endUs)} after the outage`;
  const error = call.error === undefined ? '' : `: ${call.error.message.slice(0, 80)}`;
  const last = call.attempts.at(-1);
  if (last) return proof(last, `not answered, ${when}, ${call.attempts.length} attempts${error}`);
  return {
    call: call.id,
    attempt: null,
    atUs: call.startUs,
    what: `not answered, ${when}, without an attempt${error}`,
  };
}

function adviceFor(unanswered: readonly Call[]): string {
  const silent = unanswered.filter(({ attempts }) => attempts.length === 0).length;
  return silent > unanswered.length / 2
    ? 'Let a breaker, cool-down or paused queue try one call every few seconds, and close or resume at the first answer.'
    : 'Limit retries with a budget (10 % of requests) and cap the number of waiting calls, so that load falls while nothing gets through.';
}

function chargedNote({ header }: Run): string {
  return limitsOf(header.scenario).some(({ chargeRejected }) => chargeRejected !== 'none')
    ? ' Refused requests are charged.'
    : '';
}

/**
 * Warns where refused requests are charged and calls per second × the maximum attempts per call exceed the refill: one outage
 * can then keep the limit at zero.
 */
function judgeVulnerable(run: Run): Judgement | undefined {
  const rate = findTightestRate(run);
  const limit = limitsOf(run.header.scenario).find(({ name }) => name === rate?.limit);
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
      `Calls × ${most} attempts are ${round(times)}× the refill of limit ${limit.name}, and refused requests are charged: ` +
      'after an outage, retries alone can keep the limit at zero.',
    advice: 'Keep calls per second × attempts below the refill, or limit retries with a budget (10 % of requests).',
  };
}
