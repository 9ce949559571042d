import { clearest } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { isOverload, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

const WINDOW_S = 10;

/** How many attempts does one call cost? A = attempts / calls, over the run and in its worst 10 s (`backoff.md` 3.11). */
export const amplifiesLoad = defineJudge({
  id: 'amplifies-load',
  question: 'How many requests does one call cost?',
  severity: 'error',
  about: 'calls',
  unit: 'attempts per call',
  settings: {
    warn: number(2, 'attempts per call above which it warns'),
    fail: number(3, 'attempts per call above which it fails'),
    failWindow: number(5, 'attempts per call in the worst 10 s above which it fails'),
    calls: number(20, 'calls that must have been seen'),
    rejections: number(10, 'refusals and faults of the server that must have been seen'),
  },
  threshold: ({ warn, fail, failWindow }) => `warn > ${warn}, fail > ${fail} or > ${failWindow} in the worst 10 s`,
  decide(run, settings) {
    const calls = run.calls.filter(({ attempts }) => attempts.length > 0);
    const rejections = run.attempts.filter((attempt) => isRejected(attempt) || isOverload(attempt)).length;
    if (rejections === 0) return neverArose('Nothing was refused, and nothing failed.');
    const needed = settings.calls;
    if (calls.length < needed || rejections < settings.rejections) {
      const reason = `${calls.length} calls met ${rejections} refusals and faults; ${needed} calls and ${settings.rejections} of them are needed.`;
      return tooLittle(calls.length, needed, reason, 'Run longer, or with more load.');
    }
    return { needed, ...verdictOn(calls, run, settings) };
  },
});

function verdictOn(
  calls: readonly Call[],
  run: Run,
  bounds: { readonly warn: number; readonly fail: number; readonly failWindow: number },
): Omit<Decision, 'needed'> {
  const sent = new Set(calls.map(({ id }) => id));
  const attempts = run.attempts.filter(({ call }) => call !== null && sent.has(call));
  const whole = attempts.length / calls.length;
  const worst = worstWindow(attempts);
  const failed = whole > bounds.fail || worst.ratio > bounds.failWindow;
  return {
    status: failed ? 'fail' : whole > bounds.warn ? 'warn' : 'pass',
    n: calls.length,
    figure: whole,
    evidence: costliest(calls),
    reason:
      `${calls.length} calls made ${attempts.length} attempts, ${whole.toFixed(2)} each; ` +
      `${worst.ratio.toFixed(2)} each in the worst 10 s, from second ${worst.fromS} on.`,
    advice:
      'Send less rather than again: let all calls go through one queue at the rate of the quota, or stop retrying once retries are 10 % of all requests (a retry budget).',
  };
}

/** Attempts, given by start, for each call that sent any, in the worst ten seconds in a row. */
function worstWindow(attempts: readonly Attempt[]): { ratio: number; fromS: number } {
  const seconds = attempts.map(({ startUs }) => Math.floor(startUs / 1e6));
  const firstS = seconds[0]!;
  const lastS = seconds.at(-1)!;
  const inWindow = new Map<number | null, number>();
  let worst = { ratio: 0, fromS: 0 };
  let [from, to] = [0, 0];
  // A window that starts before the first attempt holds no more than one that starts with it, unless the run is shorter.
  for (let fromS = Math.max(0, firstS - WINDOW_S + 1); fromS <= Math.max(0, lastS - WINDOW_S + 1); fromS++) {
    for (; to < seconds.length && seconds[to]! < fromS + WINDOW_S; to++) change(inWindow, attempts[to]!, 1);
    for (; from < to && seconds[from]! < fromS; from++) change(inWindow, attempts[from]!, -1);
    const ratio = (to - from) / inWindow.size;
    if (ratio > worst.ratio) worst = { ratio, fromS };
  }
  return worst;
}

function change(counts: Map<number | null, number>, { call }: Attempt, by: number): void {
  const count = (counts.get(call) ?? 0) + by;
  if (count === 0) counts.delete(call);
  else counts.set(call, count);
}

function costliest(calls: readonly Call[]): Decision['evidence'] {
  return clearest(calls, ({ attempts }) => attempts.length).map(({ attempts, result }) =>
    proof(
      attempts.at(-1)!,
      `needed ${attempts.length} attempts and ${result === 'ok' ? 'succeeded' : result === 'error' ? 'failed' : 'had not ended'}`,
    ),
  );
}
