import { isAdmitted } from '../../mock-server/ending.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import type { LimitView } from '../../mock-server/reply.ts';
import type { CallError, CallRecord, Via } from './call-records.ts';
import {
  type AttemptGroup,
  type BucketGroup,
  type CallGroup,
  roundToClass,
  type SecondRecord,
  type ValueCounts,
} from './second-record.ts';

const S_US = 1_000_000;

/** Counts values by class (`roundToClass`), so memory is bounded. */
class ValueTally {
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    const rounded = roundToClass(value);
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
  }

  counts(): ValueCounts {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}

/** Groups by key, created on first use. */
class Groups<Group> {
  readonly #groups = new Map<string, Group>();

  at(key: string, make: () => Group): Group {
    const known = this.#groups.get(key);
    if (known) return known;
    const created = make();
    this.#groups.set(key, created);
    return created;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }
}

/** Counts what ends in each second. Times are microseconds since the start of the run and must not decrease. */
abstract class SecondCounter {
  readonly #write: (record: SecondRecord) => void;
  #startUs = 0;

  constructor(write: (record: SecondRecord) => void) {
    this.#write = write;
  }

  /** Writes every second that has ended by `nowUs`. */
  closeUntil(nowUs: number): void {
    while (nowUs >= this.#startUs + S_US) this.#close(this.#startUs + S_US);
  }

  /** Writes the last second when the run has ended. */
  end(nowUs: number): void {
    this.closeUntil(nowUs);
    if (nowUs > this.#startUs) this.#close(nowUs);
  }

  protected abstract takeCounts(): Omit<SecondRecord, 'type' | 'startUs' | 'endUs'> | undefined;

  #close(endUs: number): void {
    const counts = this.takeCounts();
    if (counts) this.#write({ type: 'second', startUs: this.#startUs, endUs, ...counts });
    this.#startUs = endUs;
  }
}

interface AttemptTally {
  readonly common: Omit<
    AttemptGroup,
    'count' | 'durations' | 'firstBytes' | 'retryAfter' | 'promptTokens' | 'completionTokens'
  >;
  readonly durations: ValueTally;
  readonly firstBytes: ValueTally;
  readonly retryAfter: ValueTally;
  count: number;
  promptTokens: number;
  completionTokens: number;
}

type BucketTally = { -readonly [Key in keyof BucketGroup]: BucketGroup[Key] };

/** Counts the attempts that the provider sees: one record for each second, even an empty one. */
export class AttemptSeconds extends SecondCounter {
  #groups = new Groups<AttemptTally>();
  #buckets = new Groups<BucketTally>();

  /** `startedUs`: the start of the run on the exchange's clock. `via`: how the attempt passed a gateway. */
  add({ view, startUs, headersUs, endUs, outcome }: Exchange, startedUs: number, via: Via = {}): void {
    this.closeUntil(endUs - startedUs);
    const { status, model, fault, errorType, errorCode, defect, deniedBy } = view;
    const group = this.#groups.at(
      `${outcome} ${status} ${deniedBy} ${model} ${fault} ${errorCode} ${errorType} ${defect} ${via.answeredBy} ${via.upstream}`,
      () => ({
        common: {
          outcome,
          status,
          ...(model !== undefined && { model }),
          ...(fault !== undefined && { fault }),
          ...(errorType !== undefined && { errorType }),
          ...(errorCode !== undefined && { errorCode }),
          ...(defect !== undefined && { defect }),
          ...(deniedBy !== undefined && { deniedBy }),
          ...via,
        },
        durations: new ValueTally(),
        firstBytes: new ValueTally(),
        retryAfter: new ValueTally(),
        count: 0,
        promptTokens: 0,
        completionTokens: 0,
      }),
    );
    group.count++;
    if (outcome === 'response') group.durations.add(endUs - startUs);
    if (headersUs !== undefined) group.firstBytes.add(headersUs - startUs);
    if (view.retryAfterUs !== undefined) group.retryAfter.add(view.retryAfterUs);
    group.promptTokens += view.promptTokens ?? 0;
    group.completionTokens += view.completionTokens ?? 0;
    const admitted = isAdmitted({ outcome, status });
    for (const limit of view.limits) this.#countCheck(limit, admitted, deniedBy === limit.limit);
  }

  #countCheck({ limit, bucket, cost, before, after }: LimitView, admitted: boolean, denied: boolean): void {
    const group = this.#buckets.at(bucket, () => ({
      limit,
      bucket,
      met: 0,
      denied: 0,
      admitted: 0,
      charged: 0,
      cost,
      before,
      after,
      least: after,
    }));
    group.met++;
    if (denied) group.denied++;
    if (admitted) {
      group.admitted++;
      group.charged += cost;
    }
    group.cost = cost;
    group.after = after;
    group.least = Math.min(group.least, after);
  }

  protected takeCounts(): Pick<SecondRecord, 'attempts' | 'buckets'> {
    const attempts = this.#groups.all().map(({ common, durations, firstBytes, retryAfter, ...sums }) => ({
      ...common,
      ...sums,
      durations: durations.counts(),
      firstBytes: firstBytes.counts(),
      retryAfter: retryAfter.counts(),
    }));
    const buckets = this.#buckets.all();
    this.#groups = new Groups();
    this.#buckets = new Groups();
    return { attempts, buckets };
  }
}

/** Counts the calls of a load generator; a second in which no call ended has no record. */
export class CallSeconds extends SecondCounter {
  #groups = new Groups<{ result: CallRecord['result']; error?: CallError; count: number; durations: ValueTally }>();

  /** Adds a call that ended at `endUs`, or was still open then at the end of the run. */
  add(result: CallRecord['result'], startUs: number, endUs: number, error?: CallError): void {
    this.closeUntil(endUs);
    const group = this.#groups.at(`${result} ${error?.name} ${error?.status} ${error?.code}`, () => ({
      result,
      ...(error && { error }),
      count: 0,
      durations: new ValueTally(),
    }));
    group.count++;
    group.durations.add(endUs - startUs);
  }

  protected takeCounts(): Pick<SecondRecord, 'calls'> | undefined {
    const calls = this.#groups.all().map((group): CallGroup => ({ ...group, durations: group.durations.counts() }));
    this.#groups = new Groups();
    return calls.length === 0 ? undefined : { calls };
  }
}
