import { type Exchange, isAnswered } from '../../mock-server/exchange.ts';
import type { LimitSight } from '../../mock-server/reply.ts';
import type { CallError, CallRecord, Via } from './record.ts';
import {
  type AttemptGroup,
  type BucketGroup,
  type CallGroup,
  type Counts,
  rounded,
  type SecondRecord,
} from './second-record.ts';

const S_US = 1_000_000;

/** Counts values; there are never more of them than there are classes. */
class Tally {
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    const place = rounded(value);
    this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
  }

  counts(): Counts {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}

/** Groups by a key, made when the first of them comes. */
class Groups<Group> {
  readonly #groups = new Map<string, Group>();

  at(key: string, make: () => Group): Group {
    const known = this.#groups.get(key);
    if (known) return known;
    const made = make();
    this.#groups.set(key, made);
    return made;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }
}

/** Puts what ends into seconds, one after the other. Times since the run's start, never going back. */
abstract class Seconds {
  readonly #write: (record: SecondRecord) => void;
  #startUs = 0;

  constructor(write: (record: SecondRecord) => void) {
    this.#write = write;
  }

  /** Writes every second that is over at a moment. */
  passTo(nowUs: number): void {
    while (nowUs >= this.#startUs + S_US) this.#close(this.#startUs + S_US);
  }

  /** Writes what is left when the run has ended. */
  end(nowUs: number): void {
    this.passTo(nowUs);
    if (nowUs > this.#startUs) this.#close(nowUs);
  }

  protected abstract take(): Omit<SecondRecord, 'type' | 'startUs' | 'endUs'> | undefined;

  #close(endUs: number): void {
    const seen = this.take();
    if (seen) this.#write({ type: 'second', startUs: this.#startUs, endUs, ...seen });
    this.#startUs = endUs;
  }
}

interface AttemptTally {
  readonly alike: Omit<
    AttemptGroup,
    'count' | 'durations' | 'firstBytes' | 'retryAfter' | 'promptTokens' | 'completionTokens'
  >;
  readonly durations: Tally;
  readonly firstBytes: Tally;
  readonly retryAfter: Tally;
  count: number;
  promptTokens: number;
  completionTokens: number;
}

type BucketTally = { -readonly [Key in keyof BucketGroup]: BucketGroup[Key] };

/** Counts what the provider sees: a record for each second, whether anything came in it or not. */
export class AttemptSeconds extends Seconds {
  #groups = new Groups<AttemptTally>();
  #buckets = new Groups<BucketTally>();

  /** `startedUs`: the run's start on the exchange's clock; `via`: how it came through a gateway. */
  add({ sight, startUs, headersUs, endUs, outcome }: Exchange, startedUs: number, via: Via = {}): void {
    this.passTo(endUs - startedUs);
    const { status, model, fault, errorType, errorCode, deniedBy } = sight;
    const group = this.#groups.at(
      `${outcome} ${status} ${deniedBy} ${model} ${fault} ${errorCode} ${errorType} ${via.answeredBy} ${via.upstream}`,
      () => ({
        alike: {
          outcome,
          status,
          ...(model !== undefined && { model }),
          ...(fault !== undefined && { fault }),
          ...(errorType !== undefined && { errorType }),
          ...(errorCode !== undefined && { errorCode }),
          ...(deniedBy !== undefined && { deniedBy }),
          ...via,
        },
        durations: new Tally(),
        firstBytes: new Tally(),
        retryAfter: new Tally(),
        count: 0,
        promptTokens: 0,
        completionTokens: 0,
      }),
    );
    group.count++;
    if (outcome === 'response') group.durations.add(endUs - startUs);
    if (headersUs !== undefined) group.firstBytes.add(headersUs - startUs);
    if (sight.retryAfterUs !== undefined) group.retryAfter.add(sight.retryAfterUs);
    group.promptTokens += sight.promptTokens ?? 0;
    group.completionTokens += sight.completionTokens ?? 0;
    const answered = isAnswered({ outcome, status });
    for (const limit of sight.limits) this.#meet(limit, answered, deniedBy === limit.limit);
  }

  #meet({ limit, bucket, cost, before, after }: LimitSight, answered: boolean, denied: boolean): void {
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
    if (answered) {
      group.admitted++;
      group.charged += cost;
    }
    group.cost = cost;
    group.after = after;
    group.least = Math.min(group.least, after);
  }

  protected take(): Pick<SecondRecord, 'attempts' | 'buckets'> {
    const attempts = this.#groups.all().map(({ alike, durations, firstBytes, retryAfter, ...sums }) => ({
      ...alike,
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

/** Counts what a load generator sees; a second in which nothing ended has no record. */
export class CallSeconds extends Seconds {
  #groups = new Groups<{ result: CallRecord['result']; error?: CallError; count: number; durations: Tally }>();

  /** A call that ended at a moment, or had not when the run did. */
  add(result: CallRecord['result'], startUs: number, endUs: number, error?: CallError): void {
    this.passTo(endUs);
    const group = this.#groups.at(`${result} ${error?.name} ${error?.status} ${error?.code}`, () => ({
      result,
      ...(error && { error }),
      count: 0,
      durations: new Tally(),
    }));
    group.count++;
    group.durations.add(endUs - startUs);
  }

  protected take(): Pick<SecondRecord, 'calls'> | undefined {
    const calls = this.#groups.all().map((group): CallGroup => ({ ...group, durations: group.durations.counts() }));
    this.#groups = new Groups();
    return calls.length === 0 ? undefined : { calls };
  }
}
