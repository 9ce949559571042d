import { defineExecutor, formatVus, resolveIterations } from './executor.ts';
import { planFixedVus } from './plan.ts';
import { describeWait } from './wait.ts';

/** All VUs share a number of iterations; a free VU takes the next. */
export const sharedIterations = defineExecutor({
  name: 'shared-iterations',
  about: 'A number of iterations that the VUs share.',
  fields: ({ iterations }) => iterations,
  resolve: resolveIterations,
  recorded: ({ iterations }) => iterations,
  plan: (load) => planFixedVus(load, load.maxDurationUs, { sharedIterations: load.iterations }),
  describe: ({ vus, iterations, wait }) => `${iterations} iterations shared by ${formatVus(vus)}${describeWait(wait)}`,
  parameter: 'vus',
});
