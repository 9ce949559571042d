import type { Unit } from '../../mock-server/admission/limit.ts';
import type { LimitReading, RefusalDetails } from './limit-reading.ts';
import type { MeteredRequest, Traffic } from './traffic.ts';

/** All readings and refusals of one limit. */
export interface Series {
  readonly unit: Unit;
  readonly limit: number;
  readonly readings: readonly LimitReading[];
  readonly refusals: readonly RefusalDetails[];
  /** The requests that the limit counts. */
  readonly requests: readonly MeteredRequest[];
  /** The models that the limit applies to, if others have a limit of another size. */
  readonly models?: readonly string[];
  /** Describes the figures that contradict the limit, if any. */
  readonly contradicted?: string;
}

/** Groups readings and refusals by limit, identified by its size. `skipped` describes the sizes that were left out. */
export function groupByLimit({ requests, readings, refusals }: Traffic): { series: Series[]; skipped: string[] } {
  const skipped: string[] = [];
  const groups = Map.groupBy(readings, ({ unit, label = '' }) => `${unit} ${label}`.trim());
  const fromHeaders = [...groups].flatMap(([name, group]) => {
    const sizes = splitBySize(group, refusals, name, skipped);
    return sizes.map((size): Series => {
      const { unit } = size[0]!;
      const limit = size[0]!.limit;
      const own = refusals.filter((refusal) => refusal.unit === unit && (refusal.limit ?? limit) === limit);
      const models = ownModels(size, sizes);
      const isMetered = (request: MeteredRequest): boolean => models === undefined || models.includes(request.model);
      const common = { unit, limit, readings: size, refusals: own, requests: requests.filter(isMetered) };
      return models ? { ...common, models } : common;
    });
  });
  return { series: [...fromHeaders, ...fromRefusals(refusals, fromHeaders, requests)], skipped };
}

/** If the headers state more sizes per model than this, they cannot come from one account. */
const MAX_SIZES = 6;

/** Splits readings by the size of their limit; sizes that do not fit are dropped and described in `skipped`. */
function splitBySize(
  group: readonly LimitReading[],
  refusals: readonly RefusalDetails[],
  name: string,
  skipped: string[],
): (readonly LimitReading[])[] {
  const sizes = [...Map.groupBy(group, ({ limit }) => limit).values()];
  if (sizes.length === 1) return sizes;
  const models = new Set(group.map(({ model }) => model)).size;
  if (sizes.length > MAX_SIZES * models) {
    skipped.push(`the limit of ${name}: the headers contradict each other (${sizes.length} different sizes)`);
    return [];
  }
  const named = new Set(refusals.map(({ limit }) => limit));
  const kept = sizes.filter((size) => {
    const { limit } = size[0]!;
    const rare = size.length < 3 && group.length > 20 * size.length && !named.has(limit);
    if (rare) skipped.push(`why ${size.length} of ${group.length} replies state a limit of ${limit} ${name}`);
    return !rare;
  });
  return kept.filter((size) => {
    const next = kept.find((other) => follows(other, size));
    if (next) {
      skipped.push(
        `the limit of ${name} before it changed from ${size[0]!.limit} to ${next[0]!.limit} during the recording`,
      );
    }
    return !next;
  });
}

/** Whether one size appears, for the same models, only after the last appearance of the other. */
function follows(later: readonly LimitReading[], earlier: readonly LimitReading[]): boolean {
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

function ownModels(size: readonly LimitReading[], sizes: readonly (readonly LimitReading[])[]): string[] | undefined {
  const models = new Set(size.map(({ model }) => model));
  const others = sizes.filter((other) => other !== size);
  const disjoint = others.every((other) => other.every(({ model }) => !models.has(model)));
  return others.length > 0 && disjoint ? [...models] : undefined;
}

/** Limits that only refusals state. */
function fromRefusals(
  refusals: readonly RefusalDetails[],
  known: readonly Series[],
  requests: readonly MeteredRequest[],
): Series[] {
  const stated = refusals.filter(
    ({ unit, limit }) => unit && limit && !known.some((series) => series.unit === unit && series.limit === limit),
  );
  const groups = Map.groupBy(stated, ({ unit, limit, periodUs }) => `${unit} ${limit} ${periodUs}`);
  return [...groups.values()].map((own) => ({
    unit: own[0]!.unit!,
    limit: own[0]!.limit!,
    readings: [],
    refusals: own,
    requests,
  }));
}
