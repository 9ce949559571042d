import type { Executor } from '../../load/executors.ts';
import { clientsOf } from '../../scenario/fleet.ts';
import { formatMetric } from '../format.ts';
import type { Run } from '../run/run-view.ts';

/** A part of a run that explains what its charts show. Times are microseconds since the start of the run. */
export interface Phase {
  readonly fromUs: number;
  /** Equal to `fromUs` for an instant. */
  readonly untilUs: number;
  readonly kind: 'outage' | 'start' | 'stage' | 'deploy';
  readonly label: string;
}

type Fault = Run['header']['scenario']['provider']['faults'][number];

/** More marks than this hide the chart. */
const MOST = 8;

/** Returns outages, loads that start later, and stages, in order of time. */
export function findPhases(run: Run): Phase[] {
  const { header, endUs } = run;
  const { provider, load } = header.scenario;
  const outages = provider.faults
    .filter(({ fromUs, untilUs, match }) => fromUs < endUs && untilUs < endUs && untilUs > fromUs && !match)
    .map(
      (fault): Phase => ({ fromUs: fault.fromUs, untilUs: fault.untilUs, kind: 'outage', label: outageText(fault) }),
    );
  const starts = load.flatMap(({ name, startUs }): Phase[] =>
    startUs > 0 && startUs < endUs
      ? [{ fromUs: startUs, untilUs: startUs, kind: 'start', label: `${name ?? 'load'} starts` }]
      : [],
  );
  const phases = [...outages, ...starts, ...deploysOf(run), ...(load.length === 1 ? stagesOf(load[0]!) : [])];
  return phases.sort((a, b) => a.fromUs - b.fromUs).slice(0, MOST);
}

/** The restarts of every client. */
function deploysOf({ header, endUs }: Run): Phase[] {
  return clientsOf(header.scenario).flatMap(({ name, settings }) =>
    (settings.fleet?.restarts ?? []).flatMap(({ atUs }): Phase[] =>
      atUs < endUs ? [{ fromUs: atUs, untilUs: atUs, kind: 'deploy', label: `deploy ${name}`.trim() }] : [],
    ),
  );
}

function outageText({ does, fromUs, untilUs }: Fault): string {
  const what = does.kind === 'status' ? String(does.status) : does.kind === 'refuse' ? 'refuses all' : does.kind;
  return `outage: ${what} for ${formatMetric(untilUs - fromUs)}`;
}

function stagesOf(executor: Executor): Phase[] {
  if (!('stages' in executor)) return [];
  const unit = executor.executor === 'ramping-vus' ? ' VUs' : '/s';
  let atUs = executor.startUs;
  return executor.stages.slice(0, -1).map(({ durationUs, target }) => {
    atUs += durationUs;
    return { fromUs: atUs, untilUs: atUs, kind: 'stage', label: `${target}${unit}` };
  });
}
