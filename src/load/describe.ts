import { formatDuration } from '../../mock-server/duration.ts';
import type { Executor, Stage, WaitTime } from './executor.ts';

/** An executor in one line, e.g. `20 VUs for 30s, resting 200ms–500ms`, after its name if it has one. */
export function describeLoad(executor: Executor): string {
  const later = executor.startUs > 0 ? `, from ${formatDuration(executor.startUs)} on` : '';
  const name = executor.name === undefined ? '' : `${executor.name}: `;
  return name + main(executor) + later;
}

function main(executor: Executor): string {
  switch (executor.executor) {
    case 'constant-vus':
      return `${vus(executor.vus)} for ${formatDuration(executor.durationUs)}${resting(executor.wait)}`;
    case 'ramping-vus':
      return `${executor.startVus}${stages(executor.stages, ' VUs')}${resting(executor.wait)}`;
    case 'per-vu-iterations':
      return `${vus(executor.vus)}, ${executor.iterations} iterations each${resting(executor.wait)}`;
    case 'shared-iterations':
      return `${executor.iterations} iterations shared by ${vus(executor.vus)}${resting(executor.wait)}`;
    case 'constant-arrival-rate':
      return `${rate(executor.ratePerSecond)} for ${formatDuration(executor.durationUs)}${open(executor)}`;
    case 'ramping-arrival-rate':
      return `${rate(executor.startRatePerSecond)}${stages(executor.stages, '/s')}${open(executor)}`;
  }
}

/** Below one a second by the minute. */
function rate(perSecond: number): string {
  const perMinute = Number((perSecond * 60).toFixed(2));
  return perSecond > 0 && perSecond < 1 ? `${perMinute}/min` : `${perSecond}/s`;
}

const vus = (count: number): string => (count === 1 ? '1 VU' : `${count} VUs`);

function stages(list: readonly Stage[], unit: string): string {
  return list.map(({ durationUs, target }) => ` → ${target}${unit} in ${formatDuration(durationUs)}`).join('');
}

function open({ arrivals, maxVus }: { arrivals: 'uniform' | 'poisson'; maxVus: number }): string {
  return `${arrivals === 'poisson' ? ' (Poisson)' : ''}, up to ${vus(maxVus)}`;
}

function resting(wait: WaitTime): string {
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
