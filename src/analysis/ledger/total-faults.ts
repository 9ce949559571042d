import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { providersOf } from '../../scenario/fleet.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import { mergeRanges, type TimeRange } from '../run/time-ranges.ts';
import type { Need } from './needs.ts';

const REPLACING_FAULTS = new Set(['status', 'refuse', 'reset', 'hang']);

/** When faults replace the answer of every request to one of the providers, or of at least half of them, as the scenario has it. */
export function findTotalFaults({ header }: Pick<Run, 'header'>): TimeRange[] {
  return providersOf(header.scenario).flatMap(({ settings }) => totalFaultsOf(settings));
}

function totalFaultsOf({ faults }: ProviderSettings): TimeRange[] {
  return faults
    .filter(({ does, first, every, share, match }) => {
      const everyone = first === undefined && every === undefined && (share ?? 1) >= 0.5 && match === undefined;
      return everyone && REPLACING_FAULTS.has(does.kind);
    })
    .map(({ fromUs, untilUs }) => ({ startUs: fromUs, endUs: untilUs }));
}

/** The same within the run, joined and in order, by the name of the provider. */
const rangesByProvider = memoizeByRun(
  (run): ReadonlyMap<string, readonly TimeRange[]> =>
    new Map(
      providersOf(run.header.scenario).map(({ name, settings }) => [
        name,
        mergeRanges(
          totalFaultsOf(settings)
            .map(({ startUs, endUs }) => ({ startUs, endUs: Math.min(endUs, run.endUs) }))
            .filter(({ startUs, endUs }) => endUs > startUs),
        ),
      ]),
    ),
);

/** When every provider is out at once: then no client can get an answer. */
export const findFaultRanges = memoizeByRun((run): readonly TimeRange[] =>
  [...rangesByProvider(run).values()].reduce(overlapOf),
);

/** When one provider is out; without its name, when every one is. */
export function faultRangesAt(run: Run, provider: string | undefined): readonly TimeRange[] {
  return (provider === undefined ? undefined : rangesByProvider(run).get(provider)) ?? findFaultRanges(run);
}

const providerByLimit = memoizeByRun(
  ({ header }): ReadonlyMap<string, string> =>
    new Map(
      providersOf(header.scenario).flatMap(({ name, settings }) =>
        settings.limits.map((limit): [string, string] => [limit.name, name]),
      ),
    ),
);

/** The provider whose limits a request needs; undefined for a request that meets no limit. */
export function providerOfNeeds(run: Run, [first]: readonly Need[]): string | undefined {
  return first && providerByLimit(run).get(first.limit.name);
}

function overlapOf(a: readonly TimeRange[], b: readonly TimeRange[]): readonly TimeRange[] {
  return a.flatMap((one) =>
    b
      .map((other) => ({ startUs: Math.max(one.startUs, other.startUs), endUs: Math.min(one.endUs, other.endUs) }))
      .filter(({ startUs, endUs }) => startUs < endUs),
  );
}
