import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration } from '../judging/verdict-setting.ts';
import type { Call, Run } from '../run/run-view.ts';

/** A call, the number of times its SDK retry count started at 0, and the longest such round. */
interface Layered {
  readonly call: Call;
  readonly inner: number;
  readonly outer: number;
}

/**
 * Detects two retry layers that multiply (`backoff.md` 3.12). An SDK that sends its retry count in a header restarts at 0 when
 * an outer layer calls it again; within one call, a single restart is proof.
 */
export const layeredRetries = defineJudge({
  id: 'layered-retries',
  question: 'Do two layers of retries multiply?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Keep a fault active or a limit closed until calls fail.',
  about: 'calls',
  needs: { bodies: 'to-decide', 'inner-attempts': 'to-decide' },
  unit: 'attempts in one call',
  settings: { deliberate: duration(60_000_000, 'a restart after a longer pause counts as deliberate') },
  threshold: () => 'fail ≥ 2 layers by the SDK retry count, warn by the pattern of waits',
  decide(run, { deliberate }) {
    const counted = run.calls.filter(
      ({ attempts }) => attempts.length > 1 && attempts.every(({ retryCount }) => retryCount !== undefined),
    );
    const n = counted.length;
    if (n === 0) return judgeByPattern(run);
    const layered = counted
      .map((call) => countLayers(call, deliberate))
      .filter(({ inner, outer }) => inner > 1 && outer > 1);
    if (layered.length === 0) {
      const reason = `0 of ${n} retried calls restarted the SDK's retries.`;
      return { status: 'pass', n, needed: 1, figure: 1, reason };
    }
    return { status: 'fail', n, needed: 1, ...summarize(layered, n) };
  },
});

function countLayers(call: Call, deliberateUs: number): Layered {
  let outer = 0;
  let cycle = 0;
  let inner = 0;
  for (const [index, { retryCount, startUs }] of call.attempts.entries()) {
    const before = call.attempts[index - 1];
    const deliberate = before !== undefined && startUs - before.endUs > deliberateUs;
    if (retryCount === 0) cycle = 0;
    if (retryCount === 0 && !deliberate) outer++;
    inner = Math.max(inner, ++cycle);
  }
  return { call, inner, outer };
}

function summarize(
  layered: readonly Layered[],
  counted: number,
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const worst = layered.reduce((most, one) => (one.inner * one.outer > most.inner * most.outer ? one : most));
  return {
    figure: worst.call.attempts.length,
    evidence: layered.slice(0, MAX_EVIDENCE).map(({ call, inner, outer }) => {
      const again = call.attempts.find(({ retryCount }, index) => index > 0 && retryCount === 0)!;
      return proof(
        again,
        `attempt ${again.number} restarts the retry count at 0: ${outer} rounds of up to ${inner} attempts`,
      );
    }),
    reason:
      `${layered.length} of ${counted} retried calls restarted the SDK's retries: ` +
      `up to ${worst.outer} rounds of ${worst.inner} attempts.`,
    advice: "Retry in one place: set the SDK's maxRetries to 0, or remove the loop around it.",
  };
}

const FAILED_NEEDED = 10;
const IN_STEP = 0.8;

/** Without a retry count: looks for failed calls whose waits grow and then all drop at the same attempt. */
function judgeByPattern({ calls }: Run): Judgement {
  const failed = calls.filter(({ result, attempts }) => result === 'error' && attempts.length > 3);
  const n = failed.length;
  if (n === 0) return notApplicable('No call failed after enough attempts to distinguish two layers.');
  if (n < FAILED_NEEDED) {
    const reason = `${n} calls without a retry count failed after more than 3 attempts; ${FAILED_NEEDED} are needed.`;
    return inconclusive(n, FAILED_NEEDED, reason, 'Keep a limit closed for longer, or use more load.');
  }
  const falling = failed.map((call) => ({ call, at: findFallback(call) }));
  const places = Map.groupBy(falling, ({ at }) => at);
  places.delete(undefined);
  const [common] = [...places].sort(([, a], [, b]) => b.length - a.length);
  const together = common?.[1] ?? [];
  const inStep = together.length / n >= IN_STEP;
  return {
    status: inStep ? 'warn' : 'pass',
    n,
    needed: FAILED_NEEDED,
    figure: inStep ? Math.max(...together.map(({ call }) => call.attempts.length)) : 1,
    evidence: together
      .slice(0, MAX_EVIDENCE)
      .map(({ call, at }) => proof(call.attempts[at!]!, 'the wait grew, then dropped to half or less')),
    reason: inStep
      ? `${together.length} of ${n} failed calls have waits that grow, then drop at attempt ${common![0]! + 1}: probably a second retry layer.`
      : `The waits of ${n} failed calls do not drop at a common attempt.`,
    advice: "Retry in one place: set the SDK's maxRetries to 0, or remove the loop around it.",
  };
}

/** Index of the first attempt whose wait is at most half of the previous wait, after waits had grown. */
function findFallback({ attempts }: Call): number | undefined {
  const gaps = attempts.slice(1).map(({ startUs }, index) => startUs - attempts[index]!.endUs);
  const fall = gaps.findIndex((gap, index) => index > 1 && gap <= gaps[index - 1]! / 2 && gaps[index - 1]! > gaps[0]!);
  return fall === -1 ? undefined : fall + 1;
}
