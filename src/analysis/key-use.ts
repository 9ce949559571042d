import { computeLimitUse, type LimitUse } from './limit-use.ts';
import { isAdmitted, isRejected } from './run/attempts.ts';
import type { Attempt, Run } from './run/run-view.ts';
import { ascending, percentile } from './statistics/percentile.ts';

/** Usage of one API key. */
export interface KeyUse {
  /** Hash of the key, as in the journal. */
  readonly key: string;
  /** Name of the key in the scenario. */
  readonly name: string | null;
  readonly attempts: number;
  readonly admitted: number;
  readonly refused: number;
  /** Prompt and completion tokens. */
  readonly tokens: number;
  /** Share of all admitted attempts; null if none was admitted. */
  readonly share: number | null;
  /** 95th percentile of the duration of admitted attempts, in microseconds; null if none was admitted. */
  readonly p95Us: number | null;
  /** Share of the scarcest limit that this key used: charged units over what its buckets could have admitted. */
  readonly quota: { readonly limit: string; readonly share: number } | null;
}

/** No table is shown for more unnamed keys than this. */
const MAX_UNNAMED_KEYS = 20;

/**
 * Computes the usage of each key: named keys in the scenario's order, then unnamed keys. Empty for a single key, and for
 * more than `MAX_UNNAMED_KEYS` unnamed keys.
 */
export function computeKeyUse(run: Run): KeyUse[] {
  const { keys, keyNames = [] } = run.header.scenario.provider;
  const byKey = Map.groupBy(
    run.attempts.filter(({ key }) => key !== undefined),
    ({ key }) => key!,
  );
  const names = new Map(keyNames.map((name, index) => [keys[index]!, name]));
  const used = [...byKey.keys()].filter((key) => !names.has(key));
  if (names.size + used.length < 2 || used.length > MAX_UNNAMED_KEYS) return [];
  const admitted = run.attempts.filter(isAdmitted).length;
  const limit = findScarcestLimit(run);
  return [...names.keys(), ...used].map((key) => ({
    key,
    name: names.get(key) ?? null,
    ...computeKeyFigures(byKey.get(key) ?? [], admitted, limit),
  }));
}

/** Returns the limit with the most refusals; on a tie, the most used one. */
function findScarcestLimit(run: Run): LimitUse | undefined {
  const used = ({ admitted, admissible }: LimitUse): number => (admissible ? admitted / admissible : 0);
  return computeLimitUse(run).sort((a, b) => b.denied - a.denied || used(b) - used(a))[0];
}

function computeKeyFigures(
  attempts: readonly Attempt[],
  totalAdmitted: number,
  limit: LimitUse | undefined,
): Omit<KeyUse, 'key' | 'name'> {
  const admitted = attempts.filter(isAdmitted);
  return {
    attempts: attempts.length,
    admitted: admitted.length,
    refused: attempts.filter(isRejected).length,
    tokens: admitted.reduce(
      (sum, { promptTokens = 0, completionTokens = 0 }) => sum + promptTokens + completionTokens,
      0,
    ),
    share: totalAdmitted === 0 ? null : admitted.length / totalAdmitted,
    p95Us:
      admitted.length === 0 ? null : percentile(ascending(admitted.map(({ startUs, endUs }) => endUs - startUs)), 95),
    quota: limit === undefined ? null : computeQuotaShare(admitted, limit),
  };
}

function computeQuotaShare(admitted: readonly Attempt[], { limit, admissible, buckets }: LimitUse): KeyUse['quota'] {
  const charged = admitted.flatMap(({ limits }) => limits.filter((view) => view.limit === limit));
  const usedBuckets = new Set(charged.map(({ bucket }) => bucket)).size;
  if (admissible === null || usedBuckets === 0) return null;
  return { limit, share: charged.reduce((sum, { cost }) => sum + cost, 0) / ((admissible / buckets) * usedBuckets) };
}
