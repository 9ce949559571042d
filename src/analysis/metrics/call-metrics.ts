import type { CallGroup } from '../../journal/second-record.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import type { Selection } from '../run/selection.ts';
import { type CountedGroups, countHits, sumCounts } from './counted-groups.ts';
import type { MetricTable } from './metric-definition.ts';

/** Returns the calls that ended within the run. */
export const endedCalls = ({ calls }: Selection): Call[] => calls.filter(({ result }) => result !== 'open');
const endedGroups = ({ calls }: CountedGroups): CallGroup[] => calls.filter(({ result }) => result !== 'open');

/**
 * Returns whether the end of a call's last attempt is known. A recording may lack it; the record then has its end equal to its
 * start (`journal/record.ts`).
 */
export const isTimed = (last: Attempt | undefined, { header }: Run): boolean =>
  !header.recorded || last === undefined || last.endUs > last.startUs;

/** Metrics of calls and of the load: the block CALLS of the report. */
export const CALL_METRICS = {
  call_duration: {
    about: 'from the scheduled start of a call to its end',
    of: 'calls',
    better: 'less',
    type: 'trend',
    unit: 'us',
    percentiles: [50, 95, 99],
    samples: (selection) =>
      endedCalls(selection)
        .filter(({ attempts }) => isTimed(attempts.at(-1), selection.run))
        .map(({ scheduledUs, endUs }) => endUs - scheduledUs),
    counted: (counted) => endedGroups(counted).map(({ durations }) => durations),
  },
  call_failed: {
    about: 'share of ended calls that the client reported as failed; with `status`, `code` or `error`: that failed so',
    of: 'calls',
    better: 'less',
    type: 'rate',
    hitTags: ['status', 'code', 'error'],
    samples: (selection) => endedCalls(selection).map(({ result }) => result === 'error'),
    counted: (counted) => countHits(endedGroups(counted), ({ result }) => result === 'error'),
  },
  calls: {
    about: 'calls started',
    of: 'calls',
    better: 'neither',
    type: 'counter',
    count: ({ calls }) => calls.length,
    counted: ({ calls }) => sumCounts(calls),
  },
  calls_unfinished: {
    about: 'calls still open at the end of the run, or of their replica',
    of: 'calls',
    better: 'less',
    type: 'counter',
    count: ({ calls }) => calls.filter(({ result }) => result === 'open').length,
    counted: ({ calls }) => sumCounts(calls.filter(({ result }) => result === 'open')),
  },
  goodput: {
    about: 'successful calls per second',
    of: 'calls',
    better: 'more',
    type: 'gauge',
    unit: 'per-second',
    value: ({ calls, run }) => [calls.filter(({ result }) => result === 'ok').length, run.endUs / 1e6],
    counted: ({ calls }) => sumCounts(calls.filter(({ result }) => result === 'ok')),
  },
  dropped_iterations: {
    about: 'scheduled iterations without a free VU',
    of: 'run',
    better: 'less',
    needs: 'runner',
    type: 'counter',
    count: ({ run }) => run.dropped.length,
    counted: null,
  },
  start_lateness: {
    about: 'delay between the scheduled and the actual start of a call, caused by the runner',
    of: 'calls',
    better: 'neither',
    needs: 'runner',
    type: 'trend',
    unit: 'us',
    percentiles: [95],
    samples: ({ calls }) => calls.map(({ scheduledUs, startUs }) => startUs - scheduledUs),
    counted: null,
  },
} satisfies MetricTable;
