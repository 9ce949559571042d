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
import { type RequestedWait, requestedWait } from './admission/retry-after.ts';
import type { Dialect, RefusalKind, RetryAfterHeaders } from './dialects/dialect.ts';
import { createLimiter } from './limiter/create-limiter.ts';
import type { Random } from './random.ts';
import type { ProviderSettings } from './settings.ts';

/** A refusal as a client receives it: its kind and the requested wait. */
export interface MeteredRefusal {
  readonly kind: RefusalKind;
  readonly wait?: RequestedWait;
  readonly retryAfter?: RetryAfterHeaders;
}

/**
 * Applies the limits of a provider, without generating answers; model runs use it in place of a whole provider. The caller
 * assigns request ids. Times are in microseconds since the Unix epoch.
 */
export interface Meter {
  /** Checks a request against all limits without changing state. */
  decide(subject: Subject, cost: Cost, nowUs: number): Admission;
  /** Charges an admitted request; `endsUs` is its expected end and `actual` the cost to settle then. */
  admit(admission: Admission, nowUs: number, request: { id: number; endsUs: number; actual: Cost }): void;
  /**
   * Charges a refused request to the limits that charge refusals, and returns the refusal. `dateSkewUs` is the error of the
   * provider's clock in dates, `as` the dialect of the request if it is not the provider's default.
   */
  refuse(admission: Admission, nowUs: number, dateSkewUs?: number, as?: Dialect): MeteredRefusal;
  /** Ends a request: settles its estimates and releases its concurrency. */
  finish(id: number, nowUs: number): void;
  buckets(): Iterable<Bucket>;
  /** Sets when the limits begin to apply: what is left at first counts from there. Default: the first use of each bucket. */
  start(nowUs: number): void;
  /** Replaces the limits. Unchanged limits keep their buckets; all others start fresh at `nowUs`. */
  setLimits(limits: readonly Limit[], nowUs: number): void;
  /** Resets every bucket to its state at first, at `nowUs`. */
  reset(nowUs: number): void;
}

/** An admitted request whose charges are not settled yet, and its actual cost. */
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
  let bound = bindLimits(settings.limits, dialect, []);
  const buckets: Buckets = { byId: new Map(), hashKey };
  const unsettled = new Map<number, Unsettled>();
  return {
    decide: (subject, cost, nowUs) => decide(bound, buckets, subject, cost, nowUs),
    admit(admission, nowUs, { id, endsUs, actual }) {
      const open = chargeAll(admission, nowUs, { id, endsUs });
      if (open.length > 0) unsettled.set(id, { open, actual });
    },
    refuse(admission, nowUs, dateSkewUs = 0, as = dialect) {
      const kind = as.classifyRefusal(admission.reported!, settings);
      // Without headers, no wait is sent, so no slot may be promised either.
      const policy = settings.headers === 'none' ? 'none' : settings.retryAfter;
      const wait = requestedWait(policy, admission.reported!, kind.messageWaitUs, nowUs, random);
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
    start(nowUs) {
      for (const one of bound) one.sinceUs = nowUs;
    },
    setLimits(limits, nowUs) {
      bound = bindLimits(limits, dialect, bound, nowUs);
      for (const [id, bucket] of buckets.byId) if (!bound.includes(bucket.bound)) buckets.byId.delete(id);
    },
    reset(nowUs) {
      buckets.byId.clear();
      unsettled.clear();
      bound = bindLimits(
        bound.map(({ limit }) => limit),
        dialect,
        [],
        nowUs,
      );
    },
  };
}

/** Creates a limiter for each limit. Unchanged limits keep their `BoundLimit`, which identifies their buckets. */
function bindLimits(
  limits: readonly Limit[],
  dialect: Dialect,
  previous: readonly BoundLimit[],
  sinceUs?: number,
): BoundLimit[] {
  const unchanged = new Map(previous.map((bound) => [JSON.stringify(bound.limit), bound]));
  return limits.map((raw) => {
    const limit = { ...raw, settle: raw.settle ?? dialect.settle };
    return unchanged.get(JSON.stringify(limit)) ?? bindLimit(limit, sinceUs);
  });
}

function bindLimit(limit: Limit, sinceUs: number | undefined): BoundLimit {
  return { limit, limiter: createLimiter(limit.spec), ...(sinceUs !== undefined && { sinceUs }) };
}

/** Returns the actual cost of a request in every unit. */
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
