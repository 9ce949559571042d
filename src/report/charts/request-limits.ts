import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import { durationText, type RateUnit, short } from './words.ts';

/** A limit on requests as a line of a chart. */
export interface RequestLimit {
  readonly label: string;
  /** In the unit of the chart. */
  readonly rate: number;
  /** What the line does not say: that a window lets everything in at once. */
  readonly note?: string;
}

/** A limit with a longer period than this, or than the run, has no meaningful rate. */
const MAX_PERIOD_US = 60_000_000;

/** Returns the slowest limit on requests that a chart can show as a rate, or an empty list. */
export function requestLimits(run: Run, unit: RateUnit): RequestLimit[] {
  return allLimits(run.header)
    .flatMap(({ unit: of, spec }) => {
      const rate = of === 'requests' ? sustainedRate(spec) : null;
      if (!rate || rate.periodUs > Math.max(MAX_PERIOD_US, run.endUs)) return [];
      return [{ spec, perS: (rate.amount * 1e6) / rate.periodUs, periodUs: rate.periodUs }];
    })
    .sort((a, b) => a.perS - b.perS)
    .slice(0, 1)
    .map(({ spec, perS, periodUs }) => {
      const atOnce = algorithmOf(spec).refills === 'at-reset' && periodUs > 1_000_000;
      return {
        label: `limit ${short(perS * unit.seconds)}${unit.short}`,
        rate: perS * unit.seconds,
        ...(atOnce && {
          note: `The limit is ${short(limitAmount(spec))} in ${durationText(periodUs)}, which may be let in at once.`,
        }),
      };
    });
}
