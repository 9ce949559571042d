import type { Limiter } from '../limiter/limiter.ts';
import type { Limit, Scope, Subject } from './limit.ts';

/** A limit with the limiter that keeps it. */
export interface BoundLimit {
  readonly limit: Limit;
  readonly limiter: Limiter;
  /** The bucket that was asked for last, and for whom: a caller that keeps its subject finds it without a name. */
  recent?: { readonly subject: Subject; readonly bucket: Bucket };
}

/** One limit's state for one value of its scope. `state` is replaced, never changed in place. */
export interface Bucket {
  /** Names the bucket to people: `requests[organization=org-quotalab]`, keys hashed. */
  readonly label: string;
  readonly bound: BoundLimit;
  state: unknown;
  /** No longer among the buckets: it was back in its first state. */
  forgotten?: boolean;
  /** Until when places in the queue have been promised to refused requests (`slot`, `spread`). */
  promisedUntilUs: number;
}

/** Every bucket that anybody has touched and that is not back in its first state. */
export interface Buckets {
  readonly byId: Map<string, Bucket>;
  /** Turns an API key into what may be shown of it. */
  readonly hashKey: (key: string) => string;
}

/** The bucket of this limit for this subject, made when it is first met. */
export function bucketOf(buckets: Buckets, bound: BoundLimit, subject: Subject, nowUs: number): Bucket {
  const { recent } = bound;
  if (recent?.subject === subject && !recent.bucket.forgotten) return recent.bucket;
  const id = bucketId(bound.limit, subject);
  const bucket = buckets.byId.get(id) ?? newBucket(buckets, bound, subject, nowUs);
  buckets.byId.set(id, bucket);
  bound.recent = { subject, bucket };
  return bucket;
}

function newBucket(buckets: Buckets, bound: BoundLimit, subject: Subject, nowUs: number): Bucket {
  return {
    label: labelOf(bound.limit, subject, buckets.hashKey),
    bound,
    state: bound.limiter.initial(nowUs),
    promisedUntilUs: 0,
  };
}

/** Scope values cannot hold a NUL: they come from headers, or from model names that the dialect has checked. */
function bucketId(limit: Limit, subject: Subject): string {
  let id = limit.name;
  for (const scope of limit.scope) id += '\0' + scopeValue(limit, scope, subject);
  return id;
}

function scopeValue(limit: Limit, scope: Scope, subject: Subject): string {
  if (scope === 'all') return '';
  if (scope === 'model') return limit.pool ?? subject.model;
  if (scope === 'user-agent') return subject.userAgent;
  return scope === 'ip' ? network(subject.ip) : subject[scope];
}

/** One household or machine has a whole /64 of IPv6 addresses, so they count as one. */
function network(ip: string): string {
  const plain = ip.startsWith('::ffff:') ? ip.slice(7) : ip;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(':')}::/64`;
}

function labelOf(limit: Limit, subject: Subject, hashKey: (key: string) => string): string {
  const parts = limit.scope
    .filter((scope) => scope !== 'all')
    .map((scope) => `${scope}=${scope === 'key' ? hashKey(subject.key) : scopeValue(limit, scope, subject)}`);
  return parts.length === 0 ? limit.name : `${limit.name}[${parts.join(',')}]`;
}

/** As many buckets are kept in any case: looking at them costs more than they do. */
const ALWAYS_KEPT = 64;

/**
 * Looks at the two buckets that have waited longest for a look and drops those that are back in their first state, so
 * that a flood of new keys costs memory only while it lasts. A bounded number per request: none pays for a sweep. To be
 * called before a request looks its buckets up, never between that and their charge.
 */
export function forgetIdle({ byId }: Buckets, nowUs: number): void {
  if (byId.size <= ALWAYS_KEPT) return;
  for (let looked = 0; looked < 2; looked++) {
    const [id, bucket] = byId.entries().next().value!;
    byId.delete(id);
    if (bucket.bound.limiter.isIdle(bucket.state, nowUs) && bucket.promisedUntilUs <= nowUs) bucket.forgotten = true;
    else byId.set(id, bucket);
  }
}
