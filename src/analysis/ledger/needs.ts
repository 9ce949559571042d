import type { Limit } from '../../../mock-server/admission/limit.ts';
import { isGrowthLimit, limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { limitsOf, providersOf } from '../../scenario/fleet.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/** What one request takes from one bucket of a limit, in the limit's unit. */
export interface Need {
  readonly limit: Limit;
  readonly bucket: string;
  readonly cost: number;
}

/** What a call needs from every limit, and whether that is known from an attempt of its own or from similar calls. */
export interface CallNeeds {
  readonly needs: readonly Need[];
  readonly known: boolean;
}

/**
 * Returns what each call needs: the estimate of its own last metered attempt. A call that sent none is taken to need what its VU,
 * its load or the whole run most recently needed, and in a run without metered attempts what the scenario's prompt takes.
 */
export const findNeeds = memoizeByRun((run): ((call: Call) => CallNeeds) => {
  const byVu = new Map<number, readonly Need[]>();
  const byLoad = new Map<string, readonly Need[]>();
  const needsIn = createReader(run);
  let last: readonly Need[] | undefined;
  for (const call of run.calls) {
    const own = ownNeeds(call, needsIn);
    if (!own) continue;
    byVu.set(call.vu, own);
    byLoad.set(call.load, own);
    last = own;
  }
  const unseen = last ?? estimateNeeds(run);
  return (call) => {
    const own = ownNeeds(call, needsIn);
    return own
      ? { needs: own, known: true }
      : { needs: byVu.get(call.vu) ?? byLoad.get(call.load) ?? unseen, known: false };
  };
});

function ownNeeds({ attempts }: Call, needsIn: (attempt: Attempt) => readonly Need[]): readonly Need[] | undefined {
  for (let index = attempts.length - 1; index >= 0; index--) {
    const needs = needsIn(attempts[index]!);
    if (needs.length > 0) return needs;
  }
  return undefined;
}

/** Returns a function that reads the needs of an attempt; limits that the scenario does not have are left out. */
export function createReader({ header }: Run): (attempt: Attempt) => readonly Need[] {
  const limits = new Map(limitsOf(header.scenario).map((limit) => [limit.name, limit]));
  return (attempt) =>
    attempt.limits.flatMap(({ limit: name, bucket, cost }) => {
      const limit = limits.get(name);
      return limit ? [{ limit, bucket, cost }] : [];
    });
}

/** What the scenario's own prompt takes, as the provider would estimate it, from a bucket of each limit for its model. */
export const estimateNeeds = memoizeByRun(({ header: { scenario } }): readonly Need[] =>
  estimateAt(scenario.provider, scenario),
);

function estimateAt(provider: ProviderSettings, { call }: Scenario): readonly Need[] {
  const cost = DIALECTS[provider.dialect].estimateCost(call.prompt?.length ?? 0, call.maxTokens, provider);
  return provider.limits
    .filter(({ models, unit }) => (models === undefined || models.includes(call.model)) && cost[unit] > 0)
    .map((limit) => ({ limit, bucket: limit.name, cost: cost[limit.unit] }));
}

/**
 * Returns what a request needs at each provider, by its name: what the first metered attempt there needed, or else what the
 * scenario's prompt takes there.
 */
export const needsByProvider = memoizeByRun((run): ReadonlyMap<string, readonly Need[]> => {
  const { scenario } = run.header;
  const needsIn = createReader(run);
  const seen = Map.groupBy(
    run.attempts.filter(({ limits }) => limits.length > 0),
    ({ provider = '' }) => provider,
  );
  return new Map(
    providersOf(scenario).map(({ name, settings }) => {
      const [first] = seen.get(name) ?? [];
      return [name, first ? needsIn(first) : estimateAt(settings, scenario)];
    }),
  );
});

/** Returns the first need that exceeds what its limit ever holds, so that waiting cannot help. A limit on growth may grow. */
export function findOversized(needs: readonly Need[]): Need | undefined {
  return needs.find(({ limit, cost }) => !isGrowthLimit(limit.spec) && cost > limitAmount(limit.spec));
}
