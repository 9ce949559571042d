import { defineExecutor, formatVus, resolveIterations } from './executor.ts';
import { planFixedVus } from './plan.ts';
import { describeWait } from './wait.ts';

/** Each VU makes the same number of iterations, at its own pace. */
export const perVuIterations = defineExecutor({
  name: 'per-vu-iterations',
  about: 'A number of iterations for each VU.',
  fields: ({ iterations }) => iterations,
  resolve: resolveIterations,
  recorded: ({ iterations }) => iterations,
  plan: (load) => planFixedVus(load, load.maxDurationUs, { perVuIterations: load.iterations }),
  describe: ({ vus, iterations, wait }) => `${formatVus(vus)}, ${iterations} iterations each${describeWait(wait)}`,
  parameter: 'vus',
});
