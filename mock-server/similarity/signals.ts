import { type Burstiness, burstinessOf } from './burstiness.ts';
import { createNearDuplicates, SAME_PROMPT, SAME_TEMPLATE } from './near-duplicates.ts';
import { fromHex } from './simhash.ts';

/** What a provider can see of one request, whatever it answers. */
export interface Seen {
  readonly key: string;
  readonly ip: string;
  readonly userAgent: string;
  /** SimHash of the prompt. */
  readonly textHash?: string | undefined;
  readonly atUs: number;
}

/** How the traffic of one key looks along the four dimensions of `limits.md` section 4. */
export interface KeySignals {
  readonly key: string;
  readonly requests: number;
  /** The most requests within any minute. */
  readonly peakPerMinute: number;
  readonly ips: number;
  /** Keys that were used from the same addresses, this one among them. */
  readonly keysOnItsIps: number;
  readonly userAgents: number;
  readonly userAgentChangesPer100: number;
  readonly withoutUserAgent: number;
  /** Share of texts that are nearly the same as an earlier one, and share that follow an earlier one's template. */
  readonly samePrompt: number;
  readonly sameTemplate: number;
  /** Share of gaps below 50 ms, and the gap that is met most often, to 10 ms. */
  readonly shortGaps: number;
  readonly commonestGapUs: number;
  /** Absent where there are too few requests to tell. */
  readonly burstiness?: Burstiness;
}

const MINUTE_US = 60_000_000;
const SHORT_US = 50_000;
const GAP_STEP_US = 10_000;

/** The signals of each key, busiest first. Description only: nothing here decides anything. */
export function signalsOf(seen: readonly Seen[]): KeySignals[] {
  const ordered = seen.toSorted((a, b) => a.atUs - b.atUs);
  const byKey = Map.groupBy(ordered, ({ key }) => key);
  return [...byKey]
    .map(([key, list]) => keySignals(key, list, ordered))
    .sort((a, b) => b.requests - a.requests || (a.key < b.key ? -1 : 1));
}

function keySignals(key: string, list: readonly Seen[], all: readonly Seen[]): KeySignals {
  const moments = list.map(({ atUs }) => atUs);
  const gaps = moments.slice(1).map((moment, index) => moment - moments[index]!);
  const ips = new Set(list.map(({ ip }) => ip));
  const agents = list.map(({ userAgent }) => userAgent);
  const hashes = list.flatMap(({ textHash }) => (textHash === undefined ? [] : [textHash]));
  const burstiness = burstinessOf(moments);
  return {
    key,
    requests: list.length,
    peakPerMinute: peak(moments),
    ips: ips.size,
    keysOnItsIps: new Set(all.filter(({ ip }) => ips.has(ip)).map((one) => one.key)).size,
    userAgents: new Set(agents).size,
    userAgentChangesPer100: (100 * changes(agents)) / list.length,
    withoutUserAgent: agents.filter((agent) => agent === '').length,
    samePrompt: repeatedShare(hashes, SAME_PROMPT),
    sameTemplate: repeatedShare(hashes, SAME_TEMPLATE),
    shortGaps: gaps.length === 0 ? 0 : gaps.filter((gap) => gap < SHORT_US).length / gaps.length,
    commonestGapUs: commonest(gaps.map((gap) => Math.round(gap / GAP_STEP_US) * GAP_STEP_US)),
    ...(burstiness && { burstiness }),
  };
}

function peak(moments: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [last, moment] of moments.entries()) {
    while (moments[first]! <= moment - MINUTE_US) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function changes(texts: readonly string[]): number {
  return texts.filter((text, index) => index > 0 && text !== texts[index - 1]).length;
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0])[0];
}

/** Share of texts that fall into the group of an earlier one. */
function repeatedShare(hashes: readonly string[], most: number): number {
  if (hashes.length === 0) return 0;
  const groups = createNearDuplicates(most);
  const seen = new Set(hashes.map((hash) => groups.groupOf(fromHex(hash))));
  return 1 - seen.size / hashes.length;
}
