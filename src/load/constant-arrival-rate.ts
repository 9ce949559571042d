import { formatDuration } from '../../mock-server/duration.ts';
import { defineExecutor, describeArrivals, formatRate } from './executor.ts';
import { planArrivals } from './plan.ts';

/** Iterations start at a fixed rate, however long they take. */
export const constantArrivalRate = defineExecutor({
  name: 'constant-arrival-rate',
  about: 'Iterations that start at a fixed rate.',
  fields: ({ arrivalRate, length, arrivals }) => ({
    rate: arrivalRate,
    duration: length('Length of the load.'),
    ...arrivals,
  }),
  resolve: (raw) => ({
    ratePerSecond: raw.rate,
    durationUs: raw.duration,
    arrivals: raw.arrivals,
    maxVus: raw.maxVUs,
  }),
  recorded: ({ perSecond, time, arrivals }) => ({ ratePerSecond: perSecond, durationUs: time, ...arrivals }),
  plan(load) {
    const { durationUs, ratePerSecond } = load;
    return planArrivals(load, [{ durationUs, fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond }]);
  },
  describe: (load) =>
    `${formatRate(load.ratePerSecond)} for ${formatDuration(load.durationUs)}${describeArrivals(load)}`,
  parameter: 'rate',
});
