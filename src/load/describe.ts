import { formatDuration } from '../../mock-server/duration.ts';
import type { Executor, Stage, WaitTime } from './executor.ts';

/** Describes an executor in one line, e.g. `20 VUs for 30s, resting 200ms–500ms`, prefixed by its name. */
export function describeLoad(executor: Executor): string {
  const start = executor.startUs > 0 ? `, from ${formatDuration(executor.startUs)} on` : '';
  const name = executor.name === undefined ? '' : `${executor.name}: `;
  return name + describeExecutor(executor) + start;
}

function describeExecutor(executor: Executor): string {
  switch (executor.executor) {
    case 'constant-vus':
      return `${formatVus(executor.vus)} for ${formatDuration(executor.durationUs)}${describeWait(executor.wait)}`;
    case 'ramping-vus':
      return `${executor.startVus}${formatStages(executor.stages, ' VUs')}${describeWait(executor.wait)}`;
    case 'per-vu-iterations':
      return `${formatVus(executor.vus)}, ${executor.iterations} iterations each${describeWait(executor.wait)}`;
    case 'shared-iterations':
      return `${executor.iterations} iterations shared by ${formatVus(executor.vus)}${describeWait(executor.wait)}`;
    case 'constant-arrival-rate':
      return `${formatRate(executor.ratePerSecond)} for ${formatDuration(executor.durationUs)}${describeArrivals(executor)}`;
    case 'ramping-arrival-rate':
      return `${formatRate(executor.startRatePerSecond)}${formatStages(executor.stages, '/s')}${describeArrivals(executor)}`;
  }
}

/** Rates below 1/s are per minute. */
function formatRate(perSecond: number): string {
  const perMinute = Number((perSecond * 60).toFixed(2));
  return perSecond > 0 && perSecond < 1 ? `${perMinute}/min` : `${perSecond}/s`;
}

const formatVus = (count: number): string => (count === 1 ? '1 VU' : `${count} VUs`);

function formatStages(list: readonly Stage[], unit: string): string {
  return list.map(({ durationUs, target }) => ` → ${target}${unit} in ${formatDuration(durationUs)}`).join('');
}

function describeArrivals({ arrivals, maxVus }: { arrivals: 'uniform' | 'poisson'; maxVus: number }): string {
  return `${arrivals === 'poisson' ? ' (Poisson)' : ''}, up to ${formatVus(maxVus)}`;
}

function describeWait(wait: WaitTime): string {
  switch (wait.kind) {
    case 'none':
      return '';
    case 'between':
      return `, resting ${formatDuration(wait.minUs)}–${formatDuration(wait.maxUs)}`;
    case 'constant':
      return `, resting ${formatDuration(wait.waitUs)}`;
    case 'constant-pacing':
      return `, one start every ${formatDuration(wait.periodUs)}`;
  }
}
