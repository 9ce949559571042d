import { isRejected } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import type { Attempt, Call, Run } from '../run-view.ts';
import type { Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 2, fail > 3 or > 5 in the worst 10 s';
const CALLS_NEEDED = 20;
const REJECTIONS_NEEDED = 10;
const WINDOW_S = 10;

/** How many attempts does one call cost? A = attempts / calls, over the run and in its worst 10 s (`backoff.md` 3.11). */
export const amplifiesLoad: Judge = {
  id: 'amplifies-load',
  question: 'How many requests does one call cost?',
  defaultSeverity: 'error',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const calls = run.calls.filter(({ attempts }) => attempts.length > 0);
    const rejections = run.attempts.filter(isRejected).length;
    const common = { unit: 'attempts per call', threshold: THRESHOLD, n: calls.length, needed: CALLS_NEEDED };
    if (rejections === 0) return undecided('not-applicable', { ...common, reason: 'Nothing was refused.' });
    if (calls.length < CALLS_NEEDED || rejections < REJECTIONS_NEEDED) {
      const reason = `${calls.length} calls met ${rejections} refusals; ${CALLS_NEEDED} calls and ${REJECTIONS_NEEDED} refusals are needed.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Run longer, or with more load.' });
    }
    return { ...common, ...verdictOn(calls) };
  },
};

function verdictOn(calls: readonly Call[]): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const attempts = calls.flatMap((call) => call.attempts);
  const whole = attempts.length / calls.length;
  const worst = worstWindow(attempts);
  const failed = whole > 3 || worst.ratio > 5;
  const status = failed ? 'fail' : whole > 2 ? 'warn' : 'pass';
  return {
    status,
    figure: whole,
    evidence: status === 'pass' ? [] : costliest(calls),
    reason:
      `${calls.length} calls made ${attempts.length} attempts, ${whole.toFixed(2)} each; ` +
      `${worst.ratio.toFixed(2)} each in the worst 10 s, from second ${worst.fromS} on.`,
    advice:
      status === 'pass'
        ? ''
        : 'Send less rather than again: pace calls in one queue at the rate of the quota, or let a retry budget of 10 % stop retries.',
  };
}

/** Attempts for each call that sent any, in the worst ten seconds in a row. */
function worstWindow(attempts: readonly Attempt[]): { ratio: number; fromS: number } {
  const bySecond = Map.groupBy(attempts, ({ startUs }) => Math.floor(startUs / 1e6));
  const lastS = Math.max(...bySecond.keys());
  let worst = { ratio: 0, fromS: 0 };
  for (let fromS = 0; fromS <= Math.max(0, lastS - WINDOW_S + 1); fromS++) {
    const window = Array.from({ length: WINDOW_S }, (_, second) => bySecond.get(fromS + second) ?? []).flat();
    const ratio = window.length / new Set(window.map(({ call }) => call)).size;
    if (ratio > worst.ratio) worst = { ratio, fromS };
  }
  return worst;
}

function costliest(calls: readonly Call[]): Finding['evidence'] {
  return calls
    .toSorted((a, b) => b.attempts.length - a.attempts.length || a.id - b.id)
    .slice(0, 10)
    .map(({ id, attempts, result }) => ({
      call: id,
      attempt: attempts.at(-1)!.id,
      atUs: attempts.at(-1)!.startUs,
      what: `needed ${attempts.length} attempts and ${result === 'ok' ? 'succeeded' : result === 'error' ? 'failed' : 'had not ended'}`,
    }));
}
