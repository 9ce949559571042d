import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { duration } from '../judging/verdict-setting.ts';
import type { Call, Run } from '../run/run-view.ts';

/** A call in which the SDK's own count of retries went back to 0. */
interface Layered {
  readonly call: Call;
  readonly inner: number;
  readonly outer: number;
}

/**
 * Do two layers of retries multiply? (`backoff.md` 3.12.) An SDK that counts its retries in a header starts again at 0 when
 * something around it calls it again; within one call, that is a second layer. One is proof.
 */
export const layeredRetries = defineJudge({
  id: 'layered-retries',
  question: 'Do two layers of retries multiply?',
  severity: 'warn',
  about: 'calls',
  unit: 'attempts in one call',
  settings: { deliberate: duration(60_000_000, 'a caller that starts a job anew after so long does it on purpose') },
  threshold: () => 'fail ≥ 2 layers by the count of the SDK, warn by the rhythm of waits',
  decide(run, { deliberate }) {
    const counted = run.calls.filter(
      ({ attempts }) => attempts.length > 1 && attempts.every(({ retryCount }) => retryCount !== undefined),
    );
    const n = counted.length;
    if (n === 0) return byPattern(run);
    const layered = counted
      .map((call) => layersOf(call, deliberate))
      .filter(({ inner, outer }) => inner > 1 && outer > 1);
    if (layered.length === 0) {
      const reason = `In ${n} calls that were retried, no retries of the SDK began anew.`;
      return { status: 'pass', n, needed: 1, figure: 1, reason };
    }
    return { status: 'fail', n, needed: 1, ...account(layered, n) };
  },
});

function layersOf(call: Call, deliberateUs: number): Layered {
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

function account(
  layered: readonly Layered[],
  counted: number,
): Pick<Decision, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const worst = layered.reduce((most, one) => (one.inner * one.outer > most.inner * most.outer ? one : most));
  return {
    figure: worst.call.attempts.length,
    evidence: layered.slice(0, MOST_EVIDENCE).map(({ call, inner, outer }) => {
      const again = call.attempts.find(({ retryCount }, index) => index > 0 && retryCount === 0)!;
      return proof(again, `attempt ${again.number} counts from 0 again: ${outer} rounds of up to ${inner} attempts`);
    }),
    reason:
      `${layered.length} of ${counted} retried calls went through the SDK's retries again: ` +
      `up to ${worst.outer} rounds of ${worst.inner} attempts.`,
    advice: 'Retry in one place: set maxRetries of the SDK to 0, or take away the loop around it.',
  };
}

const FAILED_NEEDED = 10;
const IN_STEP = 0.8;

/** Without a count: calls that failed whose waits all fall back at the same attempt, after they had grown. */
function byPattern({ calls }: Run): Decision {
  const failed = calls.filter(({ result, attempts }) => result === 'error' && attempts.length > 3);
  const n = failed.length;
  if (n === 0) return neverArose('No call failed after so many attempts that two layers could be told apart.');
  if (n < FAILED_NEEDED) {
    const reason = `${n} calls failed after more than 3 attempts, by a client that does not count them; ${FAILED_NEEDED} are needed.`;
    return tooLittle(n, FAILED_NEEDED, reason, 'Let a limit be shut for longer, or use more load.');
  }
  const falling = failed.map((call) => ({ call, at: fallOf(call) }));
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
      .slice(0, MOST_EVIDENCE)
      .map(({ call, at }) => proof(call.attempts[at!]!, 'its wait fell back to half or less, after it had grown')),
    reason: inStep
      ? `In ${together.length} of ${n} calls that failed, waits grow and fall back at attempt ${common![0]! + 1}: another layer seems to begin.`
      : `In ${n} calls that failed, waits never fell back at the same attempt.`,
    advice: 'Retry in one place: set maxRetries of the SDK to 0, or take away the loop around it.',
  };
}

/** Index of the first attempt whose wait is half of the one before or less, after waits had grown. */
function fallOf({ attempts }: Call): number | undefined {
  const gaps = attempts.slice(1).map(({ startUs }, index) => startUs - attempts[index]!.endUs);
  const fall = gaps.findIndex((gap, index) => index > 1 && gap <= gaps[index - 1]! / 2 && gaps[index - 1]! > gaps[0]!);
  return fall === -1 ? undefined : fall + 1;
}
