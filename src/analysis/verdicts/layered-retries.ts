import { attributionGap, undecided } from '../finding.ts';
import type { Call, Run } from '../run-view.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'fail ≥ 2 layers';
/** A caller that starts a job anew after so long does it on purpose. */
const DELIBERATE_US = 60_000_000;

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
export const layeredRetries: Judge = {
  id: 'layered-retries',
  question: 'Do two layers of retries multiply?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const counted = run.calls.filter(
      ({ attempts }) => attempts.length > 1 && attempts.every(({ retryCount }) => retryCount !== undefined),
    );
    const common = { unit: 'attempts in one call', threshold: THRESHOLD, n: counted.length, needed: 1 };
    if (counted.length === 0) {
      const reason = 'No call was retried by a client that counts its retries (x-stainless-retry-count).';
      return undecided('not-applicable', { ...common, reason });
    }
    const layered = counted.map(layersOf).filter(({ outer }) => outer > 1);
    return { ...common, ...verdictOn(layered, counted.length) };
  },
};

function layersOf(call: Call): Layered {
  let outer = 0;
  let cycle = 0;
  let inner = 0;
  for (const [index, { retryCount, startUs }] of call.attempts.entries()) {
    const before = call.attempts[index - 1];
    const deliberate = before !== undefined && startUs - before.endUs > DELIBERATE_US;
    if (retryCount === 0 && !deliberate) {
      outer++;
      cycle = 0;
    }
    inner = Math.max(inner, ++cycle);
  }
  return { call, inner, outer };
}

function verdictOn(layered: readonly Layered[], counted: number): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const [worst] = layered.toSorted((a, b) => b.inner * b.outer - a.inner * a.outer || a.call.id - b.call.id);
  if (!worst) {
    const reason = `In ${counted} calls that were retried, the SDK's own count never went back to 0.`;
    return { status: 'pass', figure: 1, evidence: [], reason, advice: '' };
  }
  return {
    status: 'fail',
    figure: worst.inner * worst.outer,
    evidence: layered.slice(0, 10).map(evidenceOf),
    reason: `${layered.length} of ${counted} retried calls went through the SDK's retries again: up to ${worst.outer} rounds of ${worst.inner} attempts.`,
    advice: 'Retry in one place: set maxRetries of the SDK to 0, or take away the loop around it.',
  };
}

function evidenceOf({ call, inner, outer }: Layered): Evidence {
  const again = call.attempts.find(({ retryCount }, index) => index > 0 && retryCount === 0) ?? call.attempts[0]!;
  const what = `attempt ${again.number} counts from 0 again: ${outer} rounds of up to ${inner} attempts`;
  return { call: call.id, attempt: again.id, atUs: again.startUs, what };
}
