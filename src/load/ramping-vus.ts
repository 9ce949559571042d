import type { ExecutorOf } from './executor.ts';
import type { ClosedPlan, LoadSpan } from './plan.ts';

/**
 * The number of VUs ramps linearly through the stages. As in k6, VU k starts when the line rises to k and stops when it
 * falls to k − 1; a stage of zero length jumps. The boundaries are computed, not sampled.
 */
export function rampingVus(executor: ExecutorOf<'ramping-vus'>): ClosedPlan {
  const { startVus, stages, startUs, gracefulStopUs, wait } = executor;
  const spans: LoadSpan[] = [];
  const startedUs: number[] = Array.from({ length: startVus }, () => startUs);
  let atUs = startUs;
  for (const { durationUs, target } of stages) {
    const from = startedUs.length;
    const stepUs = durationUs / Math.abs(target - from);
    for (let vus = from + 1; vus <= target; vus++) startedUs.push(Math.round(atUs + stepUs * (vus - from)));
    for (let vus = from; vus > target; vus--) {
      spans.push({ vu: vus, startUs: startedUs.pop()!, stopUs: Math.round(atUs + stepUs * (from - vus + 1)) });
    }
    atUs += durationUs;
  }
  for (const [index, vuStartUs] of startedUs.entries()) spans.push({ vu: index + 1, startUs: vuStartUs, stopUs: atUs });
  return {
    kind: 'closed',
    spans: spans.filter((span) => span.startUs < span.stopUs).sort((a, b) => a.startUs - b.startUs || a.vu - b.vu),
    wait,
    endUs: atUs,
    hardEndUs: atUs + gracefulStopUs,
    maxVus: Math.max(startVus, ...stages.map(({ target }) => target)),
  };
}
