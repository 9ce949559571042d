import { defineExecutor, describeArrivals, describeStages, formatRate, resolveStages } from './executor.ts';
import { planArrivals } from './plan.ts';

/** Iterations start at a rate that ramps linearly through the stages; a stage of zero length jumps. */
export const rampingArrivalRate = defineExecutor({
  name: 'ramping-arrival-rate',
  about: 'Iterations whose start rate follows stages.',
  fields: ({ arrivalRate, stages, arrivals }) => ({
    startRate: arrivalRate.describe('Arrival rate at the start.').prefault(0),
    stages: stages(arrivalRate),
    ...arrivals,
  }),
  resolve: (raw) => ({
    startRatePerSecond: raw.startRate,
    stages: resolveStages(raw.stages),
    arrivals: raw.arrivals,
    maxVus: raw.maxVUs,
  }),
  recorded: ({ perSecond, stages, arrivals }) => ({ startRatePerSecond: perSecond, stages, ...arrivals }),
  plan(load) {
    const segments = load.stages.map(({ durationUs, target }, index) => ({
      durationUs,
      fromPerSecond: load.stages[index - 1]?.target ?? load.startRatePerSecond,
      toPerSecond: target,
    }));
    return planArrivals(load, segments);
  },
  describe: (load) =>
    `${formatRate(load.startRatePerSecond)}${describeStages(load.stages, '/s')}${describeArrivals(load)}`,
  parameter: undefined,
});
