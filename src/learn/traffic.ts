import type { Observation } from '../recorded/observation.ts';
import type { LimitReading, RefusalDetails } from './limit-reading.ts';
import { keyAndModel, readHeaders } from './read-headers.ts';
import { readRefusal } from './read-refusal.ts';

/** A request that limits count. */
export interface MeteredRequest {
  readonly index: number;
  readonly atUs: number;
  readonly admitted: boolean;
  readonly key: string;
  readonly model: string;
}

/** The replies of one provider, in order of time. */
export interface Traffic {
  readonly requests: readonly MeteredRequest[];
  readonly readings: readonly LimitReading[];
  readonly refusals: readonly RefusalDetails[];
}

/** Which requests share a bucket: all (empty list), or those with the same key, model or both. */
export type Split = readonly ('key' | 'model')[];

export function readTraffic(observations: readonly Observation[]): Traffic {
  const replies = observations
    .filter(({ status }) => status > 0)
    .sort((a, b) => a.atUs - b.atUs)
    .map((reply, index) => ({ reply, index, readings: readHeaders(reply, index) }));
  const metered = new Set(
    replies
      .filter(({ reply, readings }) => readings.length > 0 || reply.status === 429)
      .map(({ reply }) => reply.endpoint),
  );
  const anyHeaders = replies.some(({ readings }) => readings.length > 0);
  return {
    // If replies have limit headers, an error without them was not metered.
    requests: replies
      .filter(
        ({ reply, readings }) =>
          metered.has(reply.endpoint) &&
          (!anyHeaders || reply.status < 400 || reply.status === 429 || readings.length > 0),
      )
      .map(({ reply, index }) => ({ index, atUs: reply.atUs, admitted: reply.status !== 429, ...keyAndModel(reply) })),
    readings: replies.flatMap(({ readings }) => readings),
    refusals: replies.flatMap(({ reply, index }) => readRefusal(reply, index) ?? []),
  };
}

/** Returns the splits that these requests can tell apart: with only one key, keys cannot be split. */
export function splitsOf(requests: readonly MeteredRequest[]): Split[] {
  const keys = new Set(requests.map(({ key }) => key)).size > 1;
  const models = new Set(requests.map(({ model }) => model)).size > 1;
  const splits: Split[] = [[]];
  if (keys) splits.push(['key']);
  if (models) splits.push(['model']);
  if (keys && models) splits.push(['key', 'model']);
  return splits;
}

/** Returns the id of the bucket that counts a request. */
export function bucketIn(split: Split, request: { readonly key: string; readonly model: string }): string {
  return split.map((part) => request[part]).join('\0');
}

/** Groups items by bucket, in their order. */
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
