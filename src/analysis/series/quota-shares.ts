import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import type { Run } from '../run/run-view.ts';

/** What a limit admitted since the start of raw load, as a share of what it could have admitted until then. */
export interface QuotaShares {
  readonly limit: string;
  readonly points: readonly { readonly atUs: number; readonly share: number }[];
}

/** Computes the shares of the limit with the most refusals; undefined without a limit that a rate refills. */
export function computeQuotaShares({ header, seconds }: Run): QuotaShares | undefined {
  const groups = seconds.flatMap(({ endUs, buckets = [] }) => buckets.map((bucket) => ({ ...bucket, endUs })));
  const byLimit = [...Map.groupBy(groups, ({ limit }) => limit)].map(([limit, own]) => ({
    limit,
    own,
    denied: own.reduce((sum, { denied }) => sum + denied, 0),
  }));
  const [tightest] = byLimit.sort((a, b) => b.denied - a.denied);
  const spec = limitsOf(header.scenario).find(({ name }) => name === tightest?.limit)?.spec;
  const rate = spec && sustainedRate(spec);
  if (!tightest || !spec || !rate) return undefined;
  const buckets = new Set(tightest.own.map(({ bucket }) => bucket)).size;
  let admitted = 0;
  const points = [...Map.groupBy(tightest.own, ({ endUs }) => endUs)].map(([atUs, own]) => {
    for (const { charged } of own) admitted += charged;
    const admissible = buckets * (limitAmount(spec) + (rate.amount * atUs) / rate.periodUs);
    return { atUs, share: admitted / admissible };
  });
  return { limit: tightest.limit, points };
}
