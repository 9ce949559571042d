import type { Decision } from '../limiter/limiter.ts';
import { type BoundLimit, type Bucket, type Buckets, bucketOf, forgetIdle } from './buckets.ts';
import type { Cost, Limit, Subject } from './limit.ts';

/** What one limit says about one request. */
export interface Check {
  readonly bucket: Bucket;
  readonly cost: number;
  readonly decision: Decision;
}

/** The decision over all limits that a request meets. */
export interface Admission {
  readonly admit: boolean;
  readonly checks: readonly Check[];
  /** On refusal: the limit with the longest wait, which is the one to report (`limits.md` section 3). */
  readonly reported?: Check;
  /** On admission: how long the request is held back before it goes on. */
  readonly delayUs: number;
}

/**
 * Decides one request over all limits it meets, at one instant, changing nothing. All admit, or it is refused. A limit
 * that is met under two names is one bucket per name; whoever lists it twice is charged twice.
 */
export function decide(
  limits: readonly BoundLimit[],
  buckets: Buckets,
  subject: Subject,
  cost: Cost,
  nowUs: number,
): Admission {
  forgetIdle(buckets, nowUs);
  const checks: Check[] = [];
  let reported: Check | undefined;
  let delayUs = 0;
  for (const bound of limits) {
    const units = cost[bound.limit.unit];
    if (units === 0 || !meets(bound.limit, subject)) continue;
    const bucket = bucketOf(buckets, bound, subject, nowUs);
    const check = { bucket, cost: units, decision: bound.limiter.check(bucket.state, nowUs, units) };
    checks.push(check);
    if (!check.decision.admit && (!reported || outranks(check, reported))) reported = check;
    delayUs = Math.max(delayUs, check.decision.delayUs);
  }
  return reported ? { admit: false, checks, reported, delayUs: 0 } : { admit: true, checks, delayUs };
}

function meets(limit: Limit, subject: Subject): boolean {
  return limit.models === undefined || limit.models.includes(subject.model);
}

/** Longest wait first; ties: requests before tokens, then as listed. A client that waits less is refused again. */
function outranks(a: Check, b: Check): boolean {
  const wait = a.decision.retryAfterUs;
  const other = b.decision.retryAfterUs;
  if (wait !== other) return wait > other;
  return a.bucket.bound.limit.unit === 'requests' && b.bucket.bound.limit.unit !== 'requests';
}

/** A charge that is to be corrected when the true cost is known. */
export interface OpenCharge {
  readonly bucket: Bucket;
  readonly chargedAtUs: number;
  readonly charged: number;
}

/**
 * Charges an admitted request to every limit it met. Charges that will be settled are made under `hold` and returned.
 * `endsUs` is when the reply is expected to end: a concurrency limit is held until then.
 */
export function chargeAll(admission: Admission, nowUs: number, hold: { id: number; endsUs: number }): OpenCharge[] {
  const open: OpenCharge[] = [];
  for (const { bucket, cost } of admission.checks) {
    const { limit, limiter } = bucket.bound;
    if (willSettle(limit)) {
      bucket.state = limiter.charge(bucket.state, nowUs, cost, hold);
      open.push({ bucket, chargedAtUs: nowUs, charged: cost });
    } else {
      bucket.state = limiter.charge(bucket.state, nowUs, cost);
    }
  }
  return open;
}

function willSettle(limit: Limit): boolean {
  const settles = limit.settle !== undefined && limit.settle !== 'none';
  return limit.unit === 'concurrent' || (settles && limit.unit.endsWith('tokens'));
}

/** Charges a refused request to the limits that say so; this decides whether some clients ever recover (`backoff.md` 1.3). */
export function chargeRejected(admission: Admission, nowUs: number): void {
  for (const { bucket, cost } of admission.checks) {
    const { limit, limiter } = bucket.bound;
    const charged = limit.unit === 'requests' ? limit.chargeRejected !== 'none' : limit.chargeRejected === 'all';
    if (charged && limit.unit !== 'concurrent') bucket.state = limiter.charge(bucket.state, nowUs, cost);
  }
}

/** Corrects the open charges of one request, once, when its reply has ended and its true cost is known. */
export function settleAll(open: readonly OpenCharge[], id: number, actual: Cost, nowUs: number): void {
  for (const { bucket, chargedAtUs, charged } of open) {
    const { limit, limiter } = bucket.bound;
    const owed = limit.unit === 'concurrent' ? 0 : actual[limit.unit];
    const settled = limit.settle === 'refund' ? Math.min(owed, charged) : owed;
    bucket.state = limiter.settle(bucket.state, nowUs, { id, chargedAtUs, charged, actual: settled });
  }
}
