import { isAdmitted } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import { BucketMeter } from './bucket-meter.ts';
import { type BucketCharge, createSettler, findHistories, type Settler } from './charges.ts';
import { faultRangesAt, providerOfNeeds } from './total-faults.ts';
import { findWants, type Want } from './wanted.ts';

/** A call, and when the limits could have admitted it: Infinity for not within the run. */
export interface Service {
  readonly want: Want;
  readonly couldUs: number;
}

/**
 * Serves the calls of a run as one queue per set of buckets would: each in its turn, as soon as every limit has room, with
 * all other charges of the run as they were. The difference to when calls were admitted is what the client lost by itself.
 */
export const findBestService = memoizeByRun((run): readonly Service[] => serve(run, findWants(run)));

/** Serves only some calls, or with only some of their needs. */
export function serve(run: Run, wants: readonly Want[]): Service[] {
  return groupByBuckets(wants).flatMap((group) => new Counter(run, group).serveAll());
}

/** Calls that need the same buckets, in order; the first that is not served has its turn. */
interface Queue {
  readonly wants: readonly Want[];
  next: number;
  /** No turn before this time. */
  notBeforeUs: number;
}

/** Serves the queues that share buckets, directly or through others. */
class Counter {
  readonly #run: Run;
  readonly #queues: Queue[];
  readonly #meters: ReadonlyMap<string, BucketMeter>;
  readonly #settled: Settler;
  /** Charges of requests that are not served here, in order of time; those before `#seen` are made. */
  readonly #others: readonly (BucketCharge & { readonly bucket: string })[];
  #seen = 0;

  constructor(run: Run, queues: readonly (readonly Want[])[]) {
    this.#run = run;
    this.#queues = queues.map((wants) => ({ wants, next: 0, notBeforeUs: 0 }));
    this.#settled = createSettler(run);
    const { startedUs } = run.header.generated;
    const needs = queues.flatMap(([first]) => first!.needs);
    this.#meters = new Map(needs.map(({ bucket, limit }) => [bucket, new BucketMeter(limit, startedUs)]));
    this.#others = this.#findOthers(new Set(queues.flat().map(({ served }) => served)));
  }

  #findOthers(served: ReadonlySet<unknown>): (BucketCharge & { readonly bucket: string })[] {
    const histories = findHistories(this.#run);
    return [...this.#meters.keys()]
      .flatMap((bucket) =>
        (histories.get(bucket)?.charges ?? [])
          .filter(({ attempt }) => !served.has(attempt))
          .map((charge) => ({ ...charge, bucket })),
      )
      .sort((a, b) => a.atUs - b.atUs);
  }

  serveAll(): Service[] {
    const services: Service[] = [];
    for (let queue = this.#nextQueue(); queue; queue = this.#nextQueue()) {
      const want = queue.wants[queue.next]!;
      const atUs = Math.max(want.fromUs, queue.notBeforeUs);
      const isOver = atUs > this.#run.endUs || (!want.served && atUs > want.untilUs);
      const couldUs = isOver ? Infinity : this.#tryAt(want, atUs);
      if (couldUs > atUs && couldUs < Infinity) {
        queue.notBeforeUs = couldUs;
        continue;
      }
      services.push({ want, couldUs });
      queue.next++;
    }
    return services;
  }

  /** The queue whose turn is next; undefined if all are served. */
  #nextQueue(): Queue | undefined {
    let first: Queue | undefined;
    let firstUs = Infinity;
    for (const queue of this.#queues) {
      const want = queue.wants[queue.next];
      const atUs = want ? Math.max(want.fromUs, queue.notBeforeUs) : Infinity;
      if (atUs < firstUs) [first, firstUs] = [queue, atUs];
    }
    return first;
  }

  /** Admits a call at `atUs`, or returns when to try again: Infinity for never. */
  #tryAt(want: Want, atUs: number): number {
    const fault = faultRangesAt(this.#run, providerOfNeeds(this.#run, want.needs)).find(
      ({ startUs, endUs }) => startUs <= atUs && atUs < endUs,
    );
    if (fault) return fault.endUs;
    this.#moveTo(atUs);
    let openUs = atUs;
    for (const { bucket, cost } of want.needs) {
      openUs = Math.max(openUs, atUs + this.#meters.get(bucket)!.waitUs(atUs, cost));
    }
    if (openUs === atUs) this.#charge(want, atUs);
    return openUs;
  }

  /** Makes all other charges up to `atUs`, and ends requests. */
  #moveTo(atUs: number): void {
    for (; this.#seen < this.#others.length && this.#others[this.#seen]!.atUs <= atUs; this.#seen++) {
      const charge = this.#others[this.#seen]!;
      const meter = this.#meters.get(charge.bucket)!;
      meter.advance(charge.atUs);
      if (charge.cost > 0) meter.charge(charge);
      else meter.touch(charge.atUs);
    }
    for (const meter of this.#meters.values()) meter.advance(atUs);
  }

  #charge({ needs, served }: Want, atUs: number): void {
    const tookUs = served ? served.endUs - served.startUs : 0;
    for (const { limit, bucket, cost } of needs) {
      const actual = served && isAdmitted(served) ? this.#settled(limit, served, cost) : undefined;
      this.#meters.get(bucket)!.charge({ atUs, cost, endUs: atUs + tookUs, ...(actual !== undefined && { actual }) });
    }
  }
}

/** Groups calls by the buckets that they need, and those groups by buckets that they share. */
function groupByBuckets(wants: readonly Want[]): (readonly (readonly Want[])[])[] {
  const queues = new Map<string, Want[]>();
  for (const want of wants) {
    const key = want.needs.map(({ bucket }) => bucket).join('\n');
    const queue = queues.get(key);
    if (queue) queue.push(want);
    else queues.set(key, [want]);
  }
  /** Each bucket's group; groups that a queue joins become one. */
  const groupOf = new Map<string, { queues: Want[][]; buckets: string[] }>();
  for (const queue of queues.values()) {
    const buckets = queue[0]!.needs.map(({ bucket }) => bucket);
    const joined = new Set(buckets.flatMap((bucket) => groupOf.get(bucket) ?? []));
    const group = {
      queues: [...[...joined].flatMap((one) => one.queues), queue],
      buckets: [...new Set([...[...joined].flatMap((one) => one.buckets), ...buckets])],
    };
    for (const bucket of group.buckets) groupOf.set(bucket, group);
  }
  return [...new Set(groupOf.values())].map((group) => group.queues);
}
