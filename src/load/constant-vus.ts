import { formatDuration } from '../../mock-server/duration.ts';
import { defineExecutor, formatVus } from './executor.ts';
import { planFixedVus } from './plan.ts';
import { describeWait } from './wait.ts';

/** A fixed number of VUs loop for a fixed time. */
export const constantVus = defineExecutor({
  name: 'constant-vus',
  about: 'A fixed number of VUs for a fixed time.',
  fields: ({ vus, length, wait }) => ({ vus, duration: length('Length of the load.'), wait }),
  resolve: (raw) => ({ vus: raw.vus, durationUs: raw.duration, wait: raw.wait }),
  recorded: ({ vus, time, wait }) => ({ vus, durationUs: time, wait }),
  plan: (load) => planFixedVus(load, load.durationUs),
  describe: (load) => `${formatVus(load.vus)} for ${formatDuration(load.durationUs)}${describeWait(load.wait)}`,
  parameter: 'vus',
});
