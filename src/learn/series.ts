import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Reading, RefusalWords } from './reading.ts';
import type { Draw, Traffic } from './traffic.ts';

/** All that was seen of one limit. */
export interface Series {
  readonly unit: Unit;
  readonly limit: number;
  readonly readings: readonly Reading[];
  readonly refusals: readonly RefusalWords[];
  /** The requests that meet it. */
  readonly draws: readonly Draw[];
  /** It meets these models only: others have a limit of another size. */
  readonly models?: readonly string[];
  /** Figures that speak against it. */
  readonly contradicted?: string;
}

/** The limits that headers and refusals name by their size, one series each, and what is to be said of those left out. */
export function seriesOf({ draws, readings, refusals }: Traffic): { series: Series[]; left: string[] } {
  const left: string[] = [];
  const groups = Map.groupBy(readings, ({ unit, label = '' }) => `${unit} ${label}`.trim());
  const fromHeaders = [...groups].flatMap(([name, group]) => {
    const sizes = sizesOf(group, refusals, name, left);
    return sizes.map((size): Series => {
      const { unit } = size[0]!;
      const limit = size[0]!.limit;
      const own = refusals.filter((words) => words.unit === unit && (words.limit ?? limit) === limit);
      const models = ownModels(size, sizes);
      const meets = (draw: Draw): boolean => models === undefined || models.includes(draw.model);
      const common = { unit, limit, readings: size, refusals: own, draws: draws.filter(meets) };
      return models ? { ...common, models } : common;
    });
  });
  return { series: [...fromHeaders, ...fromWords(refusals, fromHeaders, draws)], left };
}

/** More sizes than these are no limits of one account. */
const MOST_SIZES = 6;

/** Readings by the size of the limit that they print; sizes that do not belong are left out and told. */
function sizesOf(
  group: readonly Reading[],
  refusals: readonly RefusalWords[],
  name: string,
  left: string[],
): (readonly Reading[])[] {
  const sizes = [...Map.groupBy(group, ({ limit }) => limit).values()];
  if (sizes.length === 1) return sizes;
  const models = new Set(group.map(({ model }) => model)).size;
  if (sizes.length > MOST_SIZES * models) {
    left.push(`the limit of ${name}: the headers contradict each other, they give ${sizes.length} sizes`);
    return [];
  }
  const named = new Set(refusals.map(({ limit }) => limit));
  const kept = sizes.filter((size) => {
    const { limit } = size[0]!;
    const rare = size.length < 3 && group.length > 20 * size.length && !named.has(limit);
    if (rare) left.push(`why ${size.length} of ${group.length} answers give ${limit} as the limit of ${name}`);
    return !rare;
  });
  return kept.filter((size) => {
    const next = kept.find((other) => follows(other, size));
    if (next) {
      left.push(
        `the limit of ${name} before it changed from ${size[0]!.limit} to ${next[0]!.limit} during the recording`,
      );
    }
    return !next;
  });
}

/** Whether one size was printed only after the other was printed for the last time, for the same models. */
function follows(later: readonly Reading[], earlier: readonly Reading[]): boolean {
  const models = new Set(earlier.map(({ model }) => model));
  return (
    later !== earlier &&
    later.length > 2 &&
    earlier.length > 2 &&
    later[0]!.atUs > earlier.at(-1)!.atUs &&
    later.every(({ refused }) => !refused) &&
    later.some(({ model }) => models.has(model))
  );
}

function ownModels(size: readonly Reading[], sizes: readonly (readonly Reading[])[]): string[] | undefined {
  const models = new Set(size.map(({ model }) => model));
  const others = sizes.filter((other) => other !== size);
  const disjoint = others.every((other) => other.every(({ model }) => !models.has(model)));
  return others.length > 0 && disjoint ? [...models] : undefined;
}

/** Limits that no header tells, but refusals do. */
function fromWords(refusals: readonly RefusalWords[], known: readonly Series[], draws: readonly Draw[]): Series[] {
  const told = refusals.filter(
    ({ unit, limit }) => unit && limit && !known.some((series) => series.unit === unit && series.limit === limit),
  );
  const groups = Map.groupBy(told, ({ unit, limit, periodUs }) => `${unit} ${limit} ${periodUs}`);
  return [...groups.values()].map((own) => ({
    unit: own[0]!.unit!,
    limit: own[0]!.limit!,
    readings: [],
    refusals: own,
    draws,
  }));
}
