import { formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact, statusByInterval } from '../judging/how-much-is-proof.ts';
import { type Evidence, type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number } from '../judging/verdict-setting.ts';
import { endingKind } from '../run/attempts.ts';
import { groupByProvider } from '../run/by-provider.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { bootstrapInterval } from '../statistics/interval.ts';
import { topBy } from '../statistics/top-by.ts';

const WINDOW_S = 10;

/**
 * Attempts per call, over the whole run and in its worst 10 s (`backoff.md` 3.11). Outside exact time, the interval of the mean
 * must lie above the bound to fail.
 */
export const amplifiesLoad = defineJudge({
  id: 'amplifies-load',
  question: 'How many requests does one call cost?',
  severity: 'error',
  decidedBy: 'share',
  arrange: 'Set a limit below the load, or add a fault, so that requests fail.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-pass' },
  unit: 'attempts per call',
  settings: {
    warn: number(2, 'warn above this many attempts per call'),
    fail: number(3, 'fail above this many attempts per call'),
    failWindow: number(5, 'fail above this many attempts per call in the worst 10 s'),
    calls: number(1, 'minimum calls'),
    rejections: number(1, 'minimum refusals and server errors'),
  },
  threshold: ({ warn, fail, failWindow }) => `warn > ${warn}, fail > ${fail} or > ${failWindow} in the worst 10 s`,
  decide(run, settings) {
    const calls = callsAtWorstProvider(run);
    const rejections = run.attempts.filter(hasFailed).length;
    if (rejections === 0) return notApplicable('No request was refused or failed.');
    const needed = settings.calls;
    if (calls.length < needed || rejections < settings.rejections) {
      const reason = `${calls.length} calls met ${rejections} refusals and server errors; ${needed} calls and ${settings.rejections} errors are needed.`;
      const { figure, reason: found } = judgeAmplification(calls, run, settings);
      const advice = 'Run longer or with more load, or lower the minimum of this verdict.';
      return { ...inconclusive(calls.length, needed, `${reason} So far: ${found}`, advice), figure };
    }
    return { needed, ...judgeAmplification(calls, run, settings) };
  },
});

/** What a call did at one provider, and how the call ended. */
type CallPart = Pick<Call, 'attempts' | 'result'>;

/**
 * The calls that sent requests. With several providers each bears its own load: the calls at the one that got the most requests
 * per call, with their attempts there.
 */
function callsAtWorstProvider({ calls }: Run): readonly CallPart[] {
  // Field by field: a row of a table has no fields of its own to spread.
  const parts = calls.flatMap(({ attempts: all, result }) =>
    groupByProvider(all).map((attempts): CallPart => ({ attempts, result })),
  );
  const [worst] = [...Map.groupBy(parts, ({ attempts }) => attempts[0]!.provider).values()].sort(
    (a, b) => meanAttempts(b) - meanAttempts(a),
  );
  return worst ?? [];
}

/** Whether an attempt gave the client a reason to send another: anything but an answer, its own timeout too. */
function hasFailed(attempt: Attempt): boolean {
  const kind = endingKind(attempt);
  return kind !== 'answered' && kind !== 'open';
}

function judgeAmplification(
  calls: readonly CallPart[],
  run: Run,
  bounds: { readonly warn: number; readonly fail: number; readonly failWindow: number },
): Omit<Judgement, 'needed' | 'figure'> & { readonly figure: number } {
  const attempts = calls.flatMap((call) => call.attempts).sort((a, b) => a.startUs - b.startUs);
  const whole = attempts.length / calls.length;
  const worst = worstWindow(attempts);
  const interval = isExact(run) ? undefined : bootstrapInterval(calls, meanAttempts);
  const status = statusByInterval(run, whole, interval ?? { low: 0 }, bounds);
  return {
    status: worst.ratio > bounds.failWindow ? 'fail' : status,
    n: calls.length,
    figure: whole,
    interval,
    evidence: costliestCalls(calls),
    reason:
      `${round(whole)} ${round(whole) === '1' ? 'attempt' : 'attempts'} per call${atProvider(calls)} ` +
      `(${attempts.length} attempts for ${calls.length} calls); ` +
      `${round(worst.ratio)} in the worst 10 s, from ${formatMetric(worst.fromS * 1e6)} on.`,
    advice:
      'Pace all calls through one queue at the rate of the quota, or stop retrying once retries exceed 10 % of requests (a retry budget).',
  };
}

/** Names the provider of the calls' attempts, if there are several. */
function atProvider([first]: readonly CallPart[]): string {
  const provider = first?.attempts[0]?.provider;
  return provider === undefined ? '' : ` at ${provider}`;
}

function meanAttempts(calls: readonly CallPart[]): number {
  return calls.reduce((sum, { attempts }) => sum + attempts.length, 0) / calls.length;
}

/** The ten seconds with the most attempts per active call. `attempts` must be sorted by start. */
function worstWindow(attempts: readonly Attempt[]): { ratio: number; fromS: number } {
  const seconds = attempts.map(({ startUs }) => Math.floor(startUs / 1e6));
  const firstS = seconds[0]!;
  const lastS = seconds.at(-1)!;
  const inWindow = new Map<number | null, number>();
  let worst = { ratio: 0, fromS: 0 };
  let [from, to] = [0, 0];
  // Includes windows that start before the first attempt: they contain fewer calls, so their ratio may be higher.
  for (let fromS = Math.max(0, firstS - WINDOW_S + 1); fromS <= Math.max(0, lastS - WINDOW_S + 1); fromS++) {
    for (; to < seconds.length && seconds[to]! < fromS + WINDOW_S; to++) adjustCount(inWindow, attempts[to]!, 1);
    for (; from < to && seconds[from]! < fromS; from++) adjustCount(inWindow, attempts[from]!, -1);
    const ratio = (to - from) / inWindow.size;
    if (ratio > worst.ratio) worst = { ratio, fromS };
  }
  return worst;
}

function adjustCount(counts: Map<number | null, number>, { call }: Attempt, by: number): void {
  const count = (counts.get(call) ?? 0) + by;
  if (count === 0) counts.delete(call);
  else counts.set(call, count);
}

function costliestCalls(calls: readonly CallPart[]): readonly Evidence[] {
  return topBy(calls, ({ attempts }) => attempts.length, MAX_EVIDENCE).map(({ attempts, result }) =>
    proof(
      attempts.at(-1)!,
      `attempt ${attempts.length} of its call, which ${result === 'ok' ? 'succeeded' : result === 'error' ? 'failed' : 'did not finish'}`,
    ),
  );
}
