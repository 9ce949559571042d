import { limitAmount, sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import { algorithmOf } from '../../mock-server/limiter/algorithms.ts';
import type { Executor } from '../load/executors.ts';
import { meanCycleUs } from '../load/wait.ts';
import { limitsOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Measured } from './measured.ts';

/** The maximum load that one limit can admit, by arithmetic. */
export interface Bound {
  readonly limit: string;
  readonly unit: string;
  /** Average capacity per second over the run: the full bucket plus the refill. */
  readonly unitsPerSecond: number;
  readonly costPerCall: number;
  readonly callsPerSecond: number;
  /** VUs that sustain `callsPerSecond`, by Little's law; not set for an open load. */
  readonly vus?: number;
  /** Time of a call plus the wait after it; set together with `vus`. */
  readonly turnUs?: number;
}

/**
 * Returns the bound that each limit sets on the load of a scenario, tightest first: capacity ÷ cost per call over the length
 * of the run, and for VUs Little's law, N = X × (W + Z), with W the time of a reply and Z the wait between two calls. The
 * costs come from `light`, a run at light load.
 */
export function computeBounds(scenario: Scenario, light: Measured): Bound[] {
  const executor = scenario.load[0]!;
  const runS = loadDuration(executor, light) / 1e6;
  const bounds = limitsOf(scenario).flatMap(({ name, unit, spec }): Bound[] => {
    const use = light.limits.find(({ limit }) => limit === name);
    const rate = sustainedRate(spec);
    if (!use || use.costPerRequest === 0 || !rate) return [];
    const quota = algorithmOf(spec).restricts === 'quota';
    const perSecond = quota ? 0 : (rate.amount * 1e6) / rate.periodUs;
    const periods = quota ? Math.max(1, Math.ceil((runS * 1e6) / rate.periodUs)) : 1;
    const unitsPerSecond = perSecond + (limitAmount(spec) * periods) / runS;
    const callsPerSecond = unitsPerSecond / use.costPerRequest;
    return [{ limit: name, unit, unitsPerSecond, costPerCall: use.costPerRequest, callsPerSecond, ...vusOf(executor) }];

    function vusOf(load: Executor): Pick<Bound, 'vus' | 'turnUs'> {
      if (!('wait' in load)) return {};
      const turnUs = meanCycleUs(load.wait, light.serviceUs);
      return { vus: (callsPerSecond * turnUs) / 1e6, turnUs };
    }
  });
  return bounds.sort((a, b) => a.callsPerSecond - b.callsPerSecond);
}

/** Returns how long an executor starts calls, in microseconds. */
function loadDuration(executor: Executor, { endUs }: Measured): number {
  if ('durationUs' in executor) return executor.durationUs;
  if ('stages' in executor) return executor.stages.reduce((sum, { durationUs }) => sum + durationUs, 0);
  return endUs;
}
