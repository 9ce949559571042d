import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { type Recovery, recoveryFrom, triggersOf } from '../judging/recovery.ts';
import { duration, number, share } from '../judging/verdict-setting.ts';
import { tightestRate } from '../run/limit-rate.ts';
import type { Run } from '../run/run-view.ts';

/**
 * After a spell in which nothing went through, does load return? (`backoff.md` 3.13.) The time until arrivals are back at
 * what they were, against the least that the backlog takes to drain. Where refused requests are charged, retries can keep
 * the quota at zero for good (1.3): that is told without any spell.
 */
export const doesNotRecover = defineJudge({
  id: 'does-not-recover',
  question: 'Does it come back after an outage?',
  severity: 'warn',
  about: 'calls',
  unit: 's to recover',
  settings: {
    warn: duration(30_000_000, 'time beyond twice the least above which it warns'),
    fail: duration(60_000_000, 'time beyond twice the least above which it fails'),
    goodput: share(0.8, 'share of the answers before that must be back within two minutes'),
    calls: number(50, 'calls that must have met the outage'),
  },
  threshold: ({ warn, fail }) =>
    `warn > 2 × the least + ${formatDuration(warn)}, fail > 2 × + ${formatDuration(fail)} or never`,
  decide(run, settings) {
    const triggers = triggersOf(run);
    if (triggers.length === 0) return vulnerable(run) ?? neverArose('There was no outage of ten seconds or more.');
    const seen = triggers.map((trigger) => recoveryFrom(run, trigger));
    const judged = seen.filter(({ met, observed }) => met >= settings.calls && observed);
    const n = seen.reduce((most, { met }) => Math.max(most, met), 0);
    if (judged.length === 0) {
      const reason = `${n} calls met the outage; ${settings.calls} are needed, at less than 90 % of the quota before it, and two minutes of run after it.`;
      return tooLittle(
        n,
        settings.calls,
        reason,
        'Let the run go on for longer after the outage, with a steady arrival rate below the quota.',
      );
    }
    const worst = judged.reduce((most, one) => (one.tookUs > most.tookUs ? one : most));
    return { n, needed: settings.calls, ...verdictOn(worst, run, settings) };
  },
});

function verdictOn(
  recovery: Recovery,
  run: Run,
  { warn, fail, goodput }: { readonly warn: number; readonly fail: number; readonly goodput: number },
): Omit<Decision, 'n' | 'needed'> {
  const { trigger, tookUs, leastUs, backlog, goodputShare } = recovery;
  const never = tookUs === Infinity;
  const beyondUs = tookUs - 2 * leastUs;
  const failed = (never && goodputShare < goodput) || (!never && beyondUs > fail);
  const evidence = run.attempts
    .filter(({ startUs }) => startUs >= trigger.endUs)
    .slice(0, MOST_EVIDENCE)
    .map((attempt) =>
      proof(
        attempt,
        `attempt ${attempt.number} of its call, ${formatDuration(attempt.startUs - trigger.endUs)} after the outage`,
      ),
    );
  const took = never
    ? 'arrivals were never back at what they had been'
    : `arrivals took ${formatDuration(tookUs)} to be back at what they had been`;
  return {
    status: failed ? 'fail' : never || beyondUs > warn ? 'warn' : 'pass',
    figure: never ? (run.endUs - trigger.endUs) / 1e6 : tookUs / 1e6,
    evidence,
    reason:
      `After the outage at ${formatDuration(trigger.startUs)} ${took}; its backlog of ${backlog} calls needs ${formatDuration(Math.round(leastUs))} at least, ` +
      `and ${Math.round(goodputShare * 100)} % of the answers were back in the second minute${chargedNote(run)}.`,
    advice:
      'Bound retries by a budget (10 % of requests) and cap how many calls may wait, so that load falls when nothing gets through.',
  };
}

function chargedNote({ header }: Run): string {
  return header.scenario.provider.limits.some(({ chargeRejected }) => chargeRejected !== 'none')
    ? ' (refused requests are charged)'
    : '';
}

/**
 * First attempts a second × the most attempts of a call > refill, where refused requests are charged: one outage away from
 * zero.
 */
function vulnerable(run: Run): Decision | undefined {
  const rate = tightestRate(run);
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
      `Refused requests are charged, and calls × ${most} attempts are ${times.toFixed(2)} × what ${limit.name} gives back: ` +
      'after an outage retries alone can keep it at zero.',
    advice: 'Keep calls a second × attempts below the refill, or bound retries by a budget (10 % of requests).',
  };
}
