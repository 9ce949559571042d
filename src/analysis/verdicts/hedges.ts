import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { share } from '../judging/verdict-setting.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/**
 * Does it send a second request while the first is open? (`backoff.md` 3.30.) Under a quota a hedge is charged twice and is
 * nearly always a loss.
 */
export const hedges = defineJudge({
  id: 'hedges',
  question: 'Does it send the same again while the first is open?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of calls',
  settings: { warn: share(0.02, 'share of calls above which it warns') },
  threshold: ({ warn }) => `warn > ${warn * 100} % of calls`,
  decide(run, { warn }) {
    const sending = run.calls.filter(({ attempts }) => attempts.length > 0);
    const tauUs = toleranceUs(run);
    const pairs = sending.flatMap((call) => overlapIn(call, tauUs));
    const n = sending.length;
    if (pairs.length === 0) return neverArose('No call had two requests open at once.');
    const part = pairs.length / n;
    const tokens = pairs.reduce(
      (sum, [{ promptTokens = 0, completionTokens = 0 }]) => sum + promptTokens + completionTokens,
      0,
    );
    return {
      status: part > warn ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: part,
      evidence: pairs.map(([first, second]) =>
        proof(second, `sent ${formatDuration(second.startUs - first.startUs)} after one that was still open`),
      ),
      reason: `${pairs.length} of ${n} calls sent a request again while the first was open; it was charged ${tokens} tokens.`,
      advice: 'Do not hedge under a quota: every hedge takes from the calls that wait.',
    };
  },
});

/** The first request of a call that was open when the same was sent again, and that one. */
function overlapIn({ attempts }: Call, tauUs: number): [Attempt, Attempt][] {
  const second = attempts.findIndex((attempt, index) => {
    const before = attempts[index - 1];
    return before?.bodyHash === attempt.bodyHash && attempt.startUs < before.endUs - tauUs;
  });
  return second === -1 ? [] : [[attempts[second - 1]!, attempts[second]!]];
}
