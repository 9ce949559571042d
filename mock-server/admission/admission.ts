import type { Decision } from '../limiter/limiter.ts';
import { type BoundLimit, type Bucket, type Buckets, dropIdleBuckets, findOrCreateBucket } from './buckets.ts';
import type { Cost, Limit, Subject } from './limit.ts';

/** The decision of one limit on one request. */
export interface AdmissionCheck {
  readonly bucket: Bucket;
  readonly cost: number;
  readonly decision: Decision;
}

/** The decision of all applicable limits on a request. */
export interface Admission {
  readonly admit: boolean;
  readonly checks: readonly AdmissionCheck[];
  /** On refusal: the limit with the longest wait, which is the one to report (`limits.md` section 3). */
  readonly reported?: AdmissionCheck;
  /** On admission: how long the request is delayed. */
  readonly delayUs: number;
}

/**
 * Decides on a request at one instant, without changing buckets: it is admitted only if all applicable limits admit it. A limit
 * listed under two names has a bucket for each name and charges twice.
 */
export function decide(
  limits: readonly BoundLimit[],
  buckets: Buckets,
  subject: Subject,
  cost: Cost,
  nowUs: number,
): Admission {
  dropIdleBuckets(buckets, nowUs);
  const checks: AdmissionCheck[] = [];
  let reported: AdmissionCheck | undefined;
  let delayUs = 0;
  for (const bound of limits) {
    const units = cost[bound.limit.unit];
    if (units === 0 || !appliesTo(bound.limit, subject)) continue;
    const bucket = findOrCreateBucket(buckets, bound, subject, nowUs);
    const check = { bucket, cost: units, decision: bound.limiter.check(bucket.state, nowUs, units) };
    checks.push(check);
    if (!check.decision.admit && (!reported || outranks(check, reported))) reported = check;
    delayUs = Math.max(delayUs, check.decision.delayUs);
  }
  return reported ? { admit: false, checks, reported, delayUs: 0 } : { admit: true, checks, delayUs };
}

function appliesTo(limit: Limit, subject: Subject): boolean {
  return limit.models === undefined || limit.models.includes(subject.model);
}

/** Longest wait first, since a client that waits less is refused again. Ties: requests before tokens, then list order. */
function outranks(a: AdmissionCheck, b: AdmissionCheck): boolean {
  const wait = a.decision.retryAfterUs;
  const other = b.decision.retryAfterUs;
  if (wait !== other) return wait > other;
  return a.bucket.bound.limit.unit === 'requests' && b.bucket.bound.limit.unit !== 'requests';
}

/** A charge to settle when the actual cost is known. */
export interface OpenCharge {
  readonly bucket: Bucket;
  readonly chargedAtUs: number;
  readonly charged: number;
}

/**
 * Charges an admitted request to every applicable limit. Charges to settle later are made under `hold` and returned.
 * `endsUs` is the expected end of the reply: a concurrency limit is held until then.
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

/** Charges a refused request to limits that charge refusals, under which some clients never recover (`backoff.md` 1.3). */
export function chargeRejected(admission: Admission, nowUs: number): void {
  for (const { bucket, cost } of admission.checks) {
    const { limit, limiter } = bucket.bound;
    const charged = limit.unit === 'requests' ? limit.chargeRejected !== 'none' : limit.chargeRejected === 'all';
    if (charged && limit.unit !== 'concurrent') bucket.state = limiter.charge(bucket.state, nowUs, cost);
  }
}

/** Settles the open charges of a request. Call it once, when the reply has ended and the actual cost is known. */
export function settleAll(open: readonly OpenCharge[], id: number, actual: Cost, nowUs: number): void {
  for (const { bucket, chargedAtUs, charged } of open) {
    const { limit, limiter } = bucket.bound;
    const owed = limit.unit === 'concurrent' ? 0 : actual[limit.unit];
    const settled = limit.settle === 'refund' ? Math.min(owed, charged) : owed;
    bucket.state = limiter.settle(bucket.state, nowUs, { id, chargedAtUs, charged, actual: settled });
  }
}
