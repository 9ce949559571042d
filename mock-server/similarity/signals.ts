import { type Burstiness, computeBurstiness } from './burstiness.ts';
import { createNearDuplicates, SAME_PROMPT, SAME_TEMPLATE } from './near-duplicates.ts';
import { fromHex } from './simhash.ts';

/** What a provider can observe about one request, apart from its reply. */
export interface ObservedRequest {
  readonly key: string;
  readonly ip: string;
  readonly userAgent: string;
  /** SimHash of the prompt. */
  readonly textHash?: string | undefined;
  readonly atUs: number;
}

/** Traffic signals of one key, along the four dimensions of `limits.md` section 4. */
export interface KeySignals {
  readonly key: string;
  readonly requests: number;
  /** Maximum number of requests within any minute. */
  readonly peakPerMinute: number;
  readonly ips: number;
  /** Number of keys used from the same addresses, including this one. */
  readonly keysOnItsIps: number;
  readonly userAgents: number;
  readonly userAgentChangesPer100: number;
  readonly withoutUserAgent: number;
  /** Shares of texts that are near-duplicates of an earlier text, and that follow the template of an earlier text. */
  readonly samePrompt: number;
  readonly sameTemplate: number;
  /** Share of gaps below 50 ms, and the most frequent gap, rounded to 10 ms. */
  readonly shortGaps: number;
  readonly commonestGapUs: number;
  /** Absent if there are too few requests. */
  readonly burstiness?: Burstiness;
}

const MINUTE_US = 60_000_000;
const SHORT_US = 50_000;
const GAP_STEP_US = 10_000;

/** Computes the signals of each key, busiest first. Descriptive only: no limit uses them. */
export function computeSignals(requests: readonly ObservedRequest[]): KeySignals[] {
  const ordered = requests.toSorted((a, b) => a.atUs - b.atUs);
  const byKey = Map.groupBy(ordered, ({ key }) => key);
  return [...byKey]
    .map(([key, list]) => keySignals(key, list, ordered))
    .sort((a, b) => b.requests - a.requests || (a.key < b.key ? -1 : 1));
}

function keySignals(key: string, list: readonly ObservedRequest[], all: readonly ObservedRequest[]): KeySignals {
  const times = list.map(({ atUs }) => atUs);
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const ips = new Set(list.map(({ ip }) => ip));
  const agents = list.map(({ userAgent }) => userAgent);
  const hashes = list.flatMap(({ textHash }) => (textHash === undefined ? [] : [textHash]));
  const burstiness = computeBurstiness(times);
  return {
    key,
    requests: list.length,
    peakPerMinute: peak(times),
    ips: ips.size,
    keysOnItsIps: new Set(all.filter(({ ip }) => ips.has(ip)).map(({ key: other }) => other)).size,
    userAgents: new Set(agents).size,
    userAgentChangesPer100: (100 * changes(agents)) / list.length,
    withoutUserAgent: agents.filter((agent) => agent === '').length,
    samePrompt: repeatedShare(hashes, SAME_PROMPT),
    sameTemplate: repeatedShare(hashes, SAME_TEMPLATE),
    shortGaps: gaps.length === 0 ? 0 : gaps.filter((gap) => gap < SHORT_US).length / gaps.length,
    commonestGapUs: mostFrequent(gaps.map((gap) => Math.round(gap / GAP_STEP_US) * GAP_STEP_US)),
    ...(burstiness && { burstiness }),
  };
}

function peak(times: readonly number[]): number {
  let max = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while (times[first]! <= time - MINUTE_US) first++;
    max = Math.max(max, last - first + 1);
  }
  return max;
}

function changes(texts: readonly string[]): number {
  return texts.filter((text, index) => index > 0 && text !== texts[index - 1]).length;
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

/** Returns the share of texts in the group of an earlier text. */
function repeatedShare(hashes: readonly string[], maxDistance: number): number {
  if (hashes.length === 0) return 0;
  const groups = createNearDuplicates(maxDistance);
  const groupNames = new Set(hashes.map((hash) => groups.groupOf(fromHex(hash))));
  return 1 - groupNames.size / hashes.length;
}
