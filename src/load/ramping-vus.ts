import { defineExecutor, describeStages, resolveStages } from './executor.ts';
import type { LoadSpan, Stage } from './plan.ts';
import { describeWait } from './wait.ts';

/** The number of VUs ramps linearly through the stages; a stage of zero length jumps. */
export const rampingVus = defineExecutor({
  name: 'ramping-vus',
  about: 'A number of VUs that follows stages.',
  fields: ({ z, maxVus, stages, wait }) => ({
    startVUs: z.int().min(0).max(maxVus).default(1).describe('VUs at the start.'),
    stages: stages(z.int().min(0).max(maxVus).describe('VUs at the end of the stage.')),
    wait,
  }),
  resolve: (raw) => ({ startVus: raw.startVUs, stages: resolveStages(raw.stages), wait: raw.wait }),
  recorded: ({ vus, stages, wait }) => ({ startVus: vus, stages, wait }),
  plan(load) {
    const { startVus, gracefulStopUs } = load;
    const endUs = load.stages.reduce((atUs, { durationUs }) => atUs + durationUs, load.startUs);
    return {
      kind: 'closed',
      spans: rampSpans(startVus, load.stages, load.startUs),
      ramp: { startVus, stages: load.stages },
      wait: load.wait,
      endUs,
      hardEndUs: endUs + gracefulStopUs,
      maxVus: Math.max(startVus, ...load.stages.map(({ target }) => target)),
    };
  },
  describe: (load) => `${load.startVus}${describeStages(load.stages, ' VUs')}${describeWait(load.wait)}`,
  parameter: undefined,
});

/**
 * As in k6, VU k starts when the line rises to k and stops when it falls to k − 1. The boundaries are computed, not sampled.
 */
function rampSpans(startVus: number, ramps: readonly Stage[], startUs: number): LoadSpan[] {
  const spans: LoadSpan[] = [];
  const startedUs: number[] = Array.from({ length: startVus }, () => startUs);
  let atUs = startUs;
  for (const { durationUs, target } of ramps) {
    const from = startedUs.length;
    const stepUs = durationUs / Math.abs(target - from);
    for (let vu = from + 1; vu <= target; vu++) startedUs.push(Math.round(atUs + stepUs * (vu - from)));
    for (let vu = from; vu > target; vu--) {
      spans.push({ vu, startUs: startedUs.pop()!, stopUs: Math.round(atUs + stepUs * (from - vu + 1)) });
    }
    atUs += durationUs;
  }
  for (const [index, vuStartUs] of startedUs.entries()) spans.push({ vu: index + 1, startUs: vuStartUs, stopUs: atUs });
  return spans.filter((span) => span.startUs < span.stopUs).sort((a, b) => a.startUs - b.startUs || a.vu - b.vu);
}
