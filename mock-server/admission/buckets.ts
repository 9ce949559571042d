import type { Limiter } from '../limiter/limiter.ts';
import type { Limit, Scope, Subject } from './limit.ts';

/** A limit with its limiter. */
export interface BoundLimit {
  readonly limit: Limit;
  readonly limiter: Limiter;
  /** Since when the limit applies: its buckets are as at first then. The first use of a bucket if omitted. */
  sinceUs?: number;
  /** Cache of the last lookup; it hits when a caller reuses its subject object. */
  recent?: { readonly subject: Subject; readonly bucket: Bucket };
}

/** The state of one limit for one value of its scope. `state` is replaced, never mutated. */
export interface Bucket {
  /** Display name: `requests[organization=org-quotalab]`; keys are hashed. */
  readonly label: string;
  readonly bound: BoundLimit;
  state: unknown;
  /** Set when the idle bucket was removed from `Buckets`. */
  dropped?: boolean;
  /** End of the last slot promised to a refused request (`slot`, `spread`). */
  promisedUntilUs: number;
}

/** All buckets that were used and are not back in their initial state. */
export interface Buckets {
  readonly byId: Map<string, Bucket>;
  /** Hashes an API key for display. */
  readonly hashKey: (key: string) => string;
}

/** Returns the bucket of a limit for a subject; creates it on first use. */
export function findOrCreateBucket(buckets: Buckets, bound: BoundLimit, subject: Subject, nowUs: number): Bucket {
  const { recent } = bound;
  if (recent?.subject === subject && !recent.bucket.dropped) return recent.bucket;
  const id = bucketId(bound.limit, subject);
  const bucket = buckets.byId.get(id) ?? createBucket(buckets, bound, subject, nowUs);
  buckets.byId.set(id, bucket);
  bound.recent = { subject, bucket };
  return bucket;
}

function createBucket(buckets: Buckets, bound: BoundLimit, subject: Subject, nowUs: number): Bucket {
  return {
    label: formatLabel(bound.limit, subject, buckets.hashKey),
    bound,
    state: bound.limiter.initial(Math.min(bound.sinceUs ?? nowUs, nowUs)),
    promisedUntilUs: 0,
  };
}

/** The NUL separator is safe: scope values come from headers, or from model names that the dialect has validated. */
function bucketId(limit: Limit, subject: Subject): string {
  let id = limit.name;
  for (const scope of limit.scope) id += '\0' + scopeValue(limit, scope, subject);
  return id;
}

function scopeValue(limit: Limit, scope: Scope, subject: Subject): string {
  if (scope === 'all') return '';
  if (scope === 'model') return limit.pool ?? subject.model;
  if (scope === 'user-agent') return subject.userAgent;
  return scope === 'ip' ? ipNetwork(subject.ip) : subject[scope];
}

/** Returns the /64 network of an IPv6 address, because one host may use all of it; IPv4 addresses are unchanged. */
function ipNetwork(ip: string): string {
  const plain = ip.startsWith('::ffff:') ? ip.slice(7) : ip;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(':')}::/64`;
}

function formatLabel(limit: Limit, subject: Subject, hashKey: (key: string) => string): string {
  const parts = limit.scope
    .filter((scope) => scope !== 'all')
    .map((scope) => `${scope}=${scope === 'key' ? hashKey(subject.key) : scopeValue(limit, scope, subject)}`);
  return parts.length === 0 ? limit.name : `${limit.name}[${parts.join(',')}]`;
}

/** Up to this number, buckets are kept without checking, because a check costs more than a bucket. */
const MIN_KEPT = 64;

/**
 * Checks the two least recently checked buckets and drops those that are idle, so that a flood of new keys takes memory only
 * while it lasts. Unlike an occasional sweep, this bounds the work per request. Call it before looking up the buckets of a
 * request, never between lookup and charge.
 */
export function dropIdleBuckets({ byId }: Buckets, nowUs: number): void {
  if (byId.size <= MIN_KEPT) return;
  for (let checked = 0; checked < 2; checked++) {
    const [id, bucket] = byId.entries().next().value!;
    byId.delete(id);
    if (bucket.bound.limiter.isIdle(bucket.state, nowUs) && bucket.promisedUntilUs <= nowUs) bucket.dropped = true;
    else byId.set(id, bucket);
  }
}
