import type { Observation } from '../recorded/observation.ts';
import { readHeaders, whoAsked } from './read-headers.ts';
import { readRefusal } from './read-refusal.ts';
import type { Reading, RefusalWords } from './reading.ts';

/** One request as limits meet it. */
export interface Draw {
  readonly index: number;
  readonly atUs: number;
  readonly admitted: boolean;
  readonly key: string;
  readonly model: string;
}

/** What one provider answered, in order of time. */
export interface Traffic {
  readonly draws: readonly Draw[];
  readonly readings: readonly Reading[];
  readonly refusals: readonly RefusalWords[];
}

/** Which requests share a bucket: all of them, or those of one key, of one model, of both. */
export type Split = readonly ('key' | 'model')[];

export function readTraffic(observations: readonly Observation[]): Traffic {
  const answers = observations
    .filter(({ status }) => status > 0)
    .sort((a, b) => a.atUs - b.atUs)
    .map((answer, index) => ({ answer, index, readings: readHeaders(answer, index) }));
  const metered = new Set(
    answers
      .filter(({ answer, readings }) => readings.length > 0 || answer.status === 429)
      .map(({ answer }) => answer.endpoint),
  );
  const anyHeaders = answers.some(({ readings }) => readings.length > 0);
  return {
    // Where limits show in headers, an error that shows none was not metered.
    draws: answers
      .filter(
        ({ answer, readings }) =>
          metered.has(answer.endpoint) &&
          (!anyHeaders || answer.status < 400 || answer.status === 429 || readings.length > 0),
      )
      .map(({ answer, index }) => ({ index, atUs: answer.atUs, admitted: answer.status !== 429, ...whoAsked(answer) })),
    readings: answers.flatMap(({ readings }) => readings),
    refusals: answers.flatMap(({ answer, index }) => readRefusal(answer, index) ?? []),
  };
}

/** The ways of sharing that these requests can tell apart: nobody knows of keys who has seen only one. */
export function splitsOf(draws: readonly Draw[]): Split[] {
  const keys = new Set(draws.map(({ key }) => key)).size > 1;
  const models = new Set(draws.map(({ model }) => model)).size > 1;
  const splits: Split[] = [[]];
  if (keys) splits.push(['key']);
  if (models) splits.push(['model']);
  if (keys && models) splits.push(['key', 'model']);
  return splits;
}

export function bucketIn(split: Split, who: { readonly key: string; readonly model: string }): string {
  return split.map((part) => who[part]).join('\0');
}

/** Items by the bucket they meet, in their order. */
export function byBucket<Item extends { readonly key: string; readonly model: string }>(
  items: readonly Item[],
  split: Split,
): Item[][] {
  const buckets = new Map<string, Item[]>();
  for (const item of items) {
    const id = bucketIn(split, item);
    const bucket = buckets.get(id);
    if (bucket) bucket.push(item);
    else buckets.set(id, [item]);
  }
  return [...buckets.values()];
}
