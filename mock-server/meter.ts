import {
  type Admission,
  chargeAll,
  chargeRejected,
  decide,
  type OpenCharge,
  settleAll,
} from './admission/admission.ts';
import type { BoundLimit, Bucket, Buckets } from './admission/buckets.ts';
import type { Cost, Limit, Subject } from './admission/limit.ts';
import { type AskedWait, askedWait } from './admission/retry-after.ts';
import type { Dialect, RefusalKind, RetryAfterHeaders } from './dialects/dialect.ts';
import { createLimiter } from './limiter/create-limiter.ts';
import type { Random } from './random.ts';
import type { ProviderSettings } from './settings.ts';

/** A refusal as a client meets it: what it is, and what it is told to wait. */
export interface MeteredRefusal {
  readonly kind: RefusalKind;
  readonly wait?: AskedWait;
  readonly retryAfter?: RetryAfterHeaders;
}

/**
 * The metered part of a provider, without a word of its answers: what a model run asks instead of the whole. Requests
 * are named by numbers that the caller gives; times are microseconds since the Unix epoch.
 */
export interface Meter {
  /** Decides over all limits, changing nothing. */
  decide(subject: Subject, cost: Cost, nowUs: number): Admission;
  /** Charges an admitted request that is expected to end at `endsUs` and to have cost `actual`. */
  admit(admission: Admission, nowUs: number, request: { id: number; endsUs: number; actual: Cost }): void;
  /**
   * Charges a refused request where a limit says so, and tells what it is answered; `dateSkewUs` is how far the clock is
   * wrong by which dates are told, `as` the dialect of this request where it is not the provider's own.
   */
  refuse(admission: Admission, nowUs: number, dateSkewUs?: number, as?: Dialect): MeteredRefusal;
  /** Tells that a request has ended: estimates are settled, concurrency is given back. */
  finish(id: number, nowUs: number): void;
  buckets(): Iterable<Bucket>;
  /** Changes the limits. One that stays as it was keeps its buckets; all others begin anew. */
  setLimits(limits: readonly Limit[]): void;
  /** Brings every bucket back to its first state. */
  reset(): void;
}

/** A request whose charges are still to be corrected, and what it will turn out to have cost. */
interface Unsettled {
  readonly open: readonly OpenCharge[];
  readonly actual: Cost;
}

export function createMeter(
  settings: ProviderSettings,
  dialect: Dialect,
  hashKey: (key: string) => string,
  random: Random,
): Meter {
  let bound = bind(settings.limits, dialect, []);
  const buckets: Buckets = { byId: new Map(), hashKey };
  const unsettled = new Map<number, Unsettled>();
  return {
    decide: (subject, cost, nowUs) => decide(bound, buckets, subject, cost, nowUs),
    admit(admission, nowUs, { id, endsUs, actual }) {
      const open = chargeAll(admission, nowUs, { id, endsUs });
      if (open.length > 0) unsettled.set(id, { open, actual });
    },
    refuse(admission, nowUs, dateSkewUs = 0, as = dialect) {
      const kind = as.kindOf(admission.reported!, settings);
      // Nobody is told what is not sent.
      const policy = settings.headers === 'none' ? 'none' : settings.retryAfter;
      const wait = askedWait(policy, admission.reported!, kind.toldUs, nowUs, random);
      chargeRejected(admission, nowUs);
      return wait ? { kind, wait, retryAfter: as.retryAfterHeaders(wait, nowUs + dateSkewUs) } : { kind };
    },
    finish(id, nowUs) {
      const charges = unsettled.get(id);
      if (!charges) return;
      unsettled.delete(id);
      settleAll(charges.open, id, charges.actual, nowUs);
    },
    buckets: () => buckets.byId.values(),
    setLimits(limits) {
      bound = bind(limits, dialect, bound);
      for (const [id, bucket] of buckets.byId) if (!bound.includes(bucket.bound)) buckets.byId.delete(id);
    },
    reset() {
      buckets.byId.clear();
      unsettled.clear();
      bound = bind(
        bound.map(({ limit }) => limit),
        dialect,
        [],
      );
    },
  };
}

/** Limits with their limiters; those that are the same as before keep theirs, by which their buckets are known. */
function bind(limits: readonly Limit[], dialect: Dialect, before: readonly BoundLimit[]): BoundLimit[] {
  const known = new Map(before.map((bound) => [JSON.stringify(bound.limit), bound]));
  return limits.map((raw) => {
    const limit = { ...raw, settle: raw.settle ?? dialect.settle };
    return known.get(JSON.stringify(limit)) ?? { limit, limiter: createLimiter(limit.spec) };
  });
}

/** What a request turned out to cost. */
export function actualCost(dialect: Dialect, promptTokens: number, completionTokens: number): Cost {
  return {
    requests: 1,
    tokens: dialect.meteredTokens(promptTokens, completionTokens),
    'input-tokens': promptTokens,
    'output-tokens': completionTokens,
    images: 0,
    concurrent: 1,
  };
}
