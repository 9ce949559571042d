import { amountOf, sustainedRate } from '../../mock-server/admission/period.ts';
import type { Executor, WaitTime } from '../load/executor.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Measured } from './measured.ts';

/** The most that one limit can let through, by arithmetic. */
export interface Bound {
  readonly limit: string;
  readonly unit: string;
  /** What the bucket gives over the run, a second: its amount and its refill. */
  readonly unitsPerSecond: number;
  readonly costPerCall: number;
  readonly callsPerSecond: number;
  /** VUs that keep so many calls a second going, by Little's law; absent for an open load. */
  readonly vus?: number;
  /** A call's own time and the rest after it, where `vus` is told. */
  readonly turnUs?: number;
}

/**
 * The bound that each limit sets on the load of a scenario: capacity ÷ cost, over the length of the run, and for VUs
 * Little's law, N = X × (W + Z), with W the time of an answer and Z the rest between two calls. `cost` is what a run at
 * a light load measured. Tightest first.
 */
export function boundsOf(scenario: Scenario, light: Measured): Bound[] {
  const executor = scenario.load[0]!;
  const runS = lengthOf(executor, light) / 1e6;
  const bounds = scenario.provider.limits.flatMap(({ name, unit, spec }): Bound[] => {
    const use = light.limits.find(({ limit }) => limit === name);
    const rate = sustainedRate(spec);
    if (!use || use.costPerRequest === 0 || !rate) return [];
    const calendar = spec.algorithm === 'calendar-quota';
    const perSecond = calendar ? 0 : (rate.amount * 1e6) / rate.periodUs;
    const periods = calendar ? Math.max(1, Math.ceil((runS * 1e6) / rate.periodUs)) : 1;
    const unitsPerSecond = perSecond + (amountOf(spec) * periods) / runS;
    const callsPerSecond = unitsPerSecond / use.costPerRequest;
    return [{ limit: name, unit, unitsPerSecond, costPerCall: use.costPerRequest, callsPerSecond, ...vusOf(executor) }];

    function vusOf(one: Executor): Pick<Bound, 'vus' | 'turnUs'> {
      if (!('wait' in one)) return {};
      const turnUs = turnOf(one.wait, light.serviceUs);
      return { vus: (callsPerSecond * turnUs) / 1e6, turnUs };
    }
  });
  return bounds.sort((a, b) => a.callsPerSecond - b.callsPerSecond);
}

/** From one start of a VU to the next, where nothing refuses. */
function turnOf(wait: WaitTime, serviceUs: number): number {
  switch (wait.kind) {
    case 'none':
      return serviceUs;
    case 'between':
      return serviceUs + (wait.minUs + wait.maxUs) / 2;
    case 'constant':
      return serviceUs + wait.waitUs;
    case 'constant-pacing':
      return Math.max(serviceUs, wait.periodUs);
  }
}

/** How long an executor starts calls. */
function lengthOf(executor: Executor, { endUs }: Measured): number {
  if ('durationUs' in executor) return executor.durationUs;
  if ('stages' in executor) return executor.stages.reduce((sum, { durationUs }) => sum + durationUs, 0);
  return endUs;
}
