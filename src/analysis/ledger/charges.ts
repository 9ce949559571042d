import type { Limit, Unit } from '../../../mock-server/admission/limit.ts';
import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import { actualCost } from '../../../mock-server/meter.ts';
import type { LimitView } from '../../../mock-server/reply.ts';
import { limitsOf, providersOf } from '../../scenario/fleet.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import type { Charge } from './bucket-meter.ts';

/** A request that a bucket checked, and what it was charged; `cost` 0 for a refusal that is not charged. */
export interface BucketCharge extends Charge {
  readonly attempt: Attempt;
}

/** What one bucket of a limit saw in a run, in order. */
export interface BucketHistory {
  readonly limit: Limit;
  readonly bucket: string;
  readonly charges: readonly BucketCharge[];
}

/** Every bucket that requests of a run met, by its name. */
export const findHistories = memoizeByRun((run): ReadonlyMap<string, BucketHistory> => {
  const limits = new Map(limitsOf(run.header.scenario).map((limit) => [limit.name, limit]));
  const histories = new Map<string, BucketHistory & { charges: BucketCharge[] }>();
  const settled = createSettler(run);
  for (const attempt of run.attempts) {
    const views = attempt.limits;
    const admitted = isCharged(views);
    for (const { limit: name, bucket, cost } of views) {
      const limit = limits.get(name);
      if (!limit) continue;
      const history = histories.get(bucket) ?? { limit, bucket, charges: [] };
      histories.set(bucket, history);
      const charged = admitted || chargesRefusals(limit) ? cost : 0;
      const actual = admitted ? settled(limit, attempt, cost) : undefined;
      // What a refusal is charged is not held.
      const endUs = admitted ? attempt.endUs : attempt.startUs;
      history.charges.push({
        atUs: attempt.startUs,
        cost: charged,
        endUs,
        ...(actual !== undefined && { actual }),
        attempt,
      });
    }
  }
  return histories;
});

/** Returns whether every limit admitted the request, so that each was charged, whatever became of the answer. */
export function isCharged(views: readonly LimitView[]): boolean {
  return views.length > 0 && views.every(({ admit }) => admit);
}

/** Returns whether a limit charges refused requests. */
export function chargesRefusals({ unit, chargeRejected }: Limit): boolean {
  if (unit === 'concurrent') return false;
  return unit === 'requests' ? chargeRejected !== 'none' : chargeRejected === 'all';
}

/** What the settlement of an estimate leaves charged when its request ends; undefined where the estimate stays. */
export type Settler = (limit: Limit, attempt: Attempt, cost: number) => number | undefined;

/** Creates the settler of a run, which follows the provider's own rules (`admission/admission.ts`). */
export function createSettler({ header }: Pick<Run, 'header'>): Settler {
  const providers = providersOf(header.scenario);
  const dialects = new Map(providers.map(({ name, settings }) => [name, DIALECTS[settings.dialect]]));
  const only = DIALECTS[header.scenario.provider.dialect];
  return (limit, { promptTokens, completionTokens, provider = '' }, cost) => {
    const dialect = dialects.get(provider) ?? only;
    const { unit, settle = dialect.settle } = limit;
    if (settle === 'none' || !isTokens(unit) || promptTokens === undefined) return undefined;
    const owed = actualCost(dialect, promptTokens, completionTokens ?? 0)[unit];
    return settle === 'refund' ? Math.min(owed, cost) : owed;
  };
}

const isTokens = (unit: Unit): boolean => unit.endsWith('tokens');
