import { type LimitUse, limitUse } from './limit-use.ts';
import { isAdmitted, isRejected } from './run/attempts.ts';
import type { Attempt, Run } from './run/run-view.ts';
import { ascending, percentile } from './statistics/percentile.ts';

/** What was done with one API key. */
export interface KeyUse {
  /** Hash of the key, as the journal has it. */
  readonly key: string;
  /** What the scenario calls it. */
  readonly name: string | null;
  readonly attempts: number;
  readonly admitted: number;
  readonly refused: number;
  /** Of prompts and answers. */
  readonly tokens: number;
  /** Of all that was admitted; null where nothing was. */
  readonly share: number | null;
  /** 95th percentile of how long admitted attempts took, in microseconds; null where none was. */
  readonly p95Us: number | null;
  /** Of the limit that matters most: what part of what its buckets could have admitted went to this key. */
  readonly quota: { readonly limit: string; readonly share: number } | null;
}

/** More unnamed keys than these are no table to look at. */
const MOST_UNNAMED = 20;

/**
 * The use of each key: those that have a name, in the scenario's order, and what else was used. Empty unless there are
 * several, and where very many have no name.
 */
export function keyUse(run: Run): KeyUse[] {
  const { keys, keyNames = [] } = run.header.scenario.provider;
  const byKey = Map.groupBy(
    run.attempts.filter(({ key }) => key !== undefined),
    ({ key }) => key!,
  );
  const names = new Map(keyNames.map((name, index) => [keys[index]!, name]));
  const used = [...byKey.keys()].filter((key) => !names.has(key));
  if (names.size + used.length < 2 || used.length > MOST_UNNAMED) return [];
  const admitted = run.attempts.filter(isAdmitted).length;
  const limit = scarcest(run);
  return [...names.keys(), ...used].map((key) => ({
    key,
    name: names.get(key) ?? null,
    ...figuresOf(byKey.get(key) ?? [], admitted, limit),
  }));
}

/** The limit that refused most; where none did, the one of which most was used. */
function scarcest(run: Run): LimitUse | undefined {
  const used = ({ admitted, admissible }: LimitUse): number => (admissible ? admitted / admissible : 0);
  return limitUse(run).sort((a, b) => b.denied - a.denied || used(b) - used(a))[0];
}

function figuresOf(
  attempts: readonly Attempt[],
  all: number,
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
    share: all === 0 ? null : admitted.length / all,
    p95Us:
      admitted.length === 0 ? null : percentile(ascending(admitted.map(({ startUs, endUs }) => endUs - startUs)), 95),
    quota: limit === undefined ? null : quotaOf(admitted, limit),
  };
}

function quotaOf(admitted: readonly Attempt[], { limit, admissible, buckets }: LimitUse): KeyUse['quota'] {
  const charged = admitted.flatMap(({ limits }) => limits.filter((sight) => sight.limit === limit));
  const drawnFrom = new Set(charged.map(({ bucket }) => bucket)).size;
  if (admissible === null || drawnFrom === 0) return null;
  return { limit, share: charged.reduce((sum, { cost }) => sum + cost, 0) / ((admissible / buckets) * drawnFrom) };
}
