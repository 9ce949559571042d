import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { share } from '../judging/verdict-setting.ts';
import { groupByProvider } from '../run/by-provider.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/** Detects hedged requests (`backoff.md` 3.30). Under a quota a hedge is charged twice and is almost always a loss. */
export const hedges = defineJudge({
  id: 'hedges',
  question: 'Does it send a request again while the first is still open?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: slow), so that a reply takes longer than the client likes to wait.',
  about: 'calls',
  needs: { bodies: 'to-decide', durations: 'to-decide', 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: { warn: share(0.02, 'warn above this share of calls') },
  threshold: ({ warn }) => `warn > ${warn * 100} % of calls`,
  decide(run, { warn }) {
    const sending = run.calls.filter(({ attempts }) => attempts.length > 0);
    const tauUs = toleranceUs(run);
    const pairs = sending.flatMap((call) => findOverlap(call, tauUs));
    const n = sending.length;
    if (pairs.length === 0) return notApplicable('No call had two requests open at once.');
    const hedgedShare = pairs.length / n;
    const tokens = pairs.reduce(
      (sum, [{ promptTokens = 0, completionTokens = 0 }]) => sum + promptTokens + completionTokens,
      0,
    );
    return {
      status: hedgedShare > warn ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: hedgedShare,
      evidence: pairs.map(([first, second]) =>
        proof(
          second,
          `sent ${formatMetric(second.startUs - first.startUs)} after the same request, which was still open`,
        ),
      ),
      reason: `${pairs.length} of ${n} calls sent a request again while the first was still open, at a cost of ${tokens} tokens.`,
      advice:
        'Abort an attempt before you send it again, and do not hedge under a quota: each copy uses quota that waiting calls need.',
    };
  },
});

/** The first pair of equal requests of a call to one provider that overlap by more than the tolerance. */
function findOverlap(call: Call, tauUs: number): [Attempt, Attempt][] {
  return groupByProvider(call.attempts)
    .flatMap((attempts) => overlapIn(attempts, tauUs))
    .slice(0, 1);
}

function overlapIn(attempts: readonly Attempt[], tauUs: number): [Attempt, Attempt][] {
  const second = attempts.findIndex((attempt, index) => {
    const before = attempts[index - 1];
    return before?.bodyHash === attempt.bodyHash && attempt.startUs < before.endUs - tauUs;
  });
  return second === -1 ? [] : [[attempts[second - 1]!, attempts[second]!]];
}
