import type { JournalRecord } from './record.ts';

const CHUNK_IDS = 32 * 1024;

/** The ids of one type of record, which a run assigns consecutively. */
class IdRange {
  /** A bit for each id, in chunks: journals have millions of records. */
  readonly #bits = new Map<number, Uint32Array>();
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  /** Returns whether the id is new. */
  add(id: number): boolean {
    this.mention(id);
    const chunk = Math.floor(id / CHUNK_IDS);
    const bits = this.#bits.get(chunk) ?? new Uint32Array(CHUNK_IDS / 32);
    this.#bits.set(chunk, bits);
    const [word, bit] = [(id % CHUNK_IDS) >> 5, 1 << (id % 32)];
    if ((bits[word]! & bit) !== 0) return false;
    bits[word]! |= bit;
    this.#count++;
    return true;
  }

  /** Notes an id that another record refers to, so a record with it must exist. */
  mention(id: number): void {
    if (id < this.#min) this.#min = id;
    if (id > this.#max) this.#max = id;
  }

  problem(what: string): string | undefined {
    const expected = this.#max < this.#min ? 0 : this.#max - this.#min + 1;
    if (this.#count === expected) return undefined;
    return `missing ${what}: ${expected - this.#count} (ids ${this.#min} to ${this.#max})`;
  }
}

/** Checks whether records are missing between the first and the last of a journal, and that none is there twice. */
export interface RecordCount {
  /** Returns the problem of a record that is there already. */
  add(record: JournalRecord): string | undefined;
  /** Returns the missing records; an empty list if the journal is complete up to its end. */
  missing(): string[];
}

export function createRecordCount(): RecordCount {
  const attempts = new IdRange();
  const calls = new IdRange();
  const seconds = new IdRange();
  let isComplete = false;
  let hasEnd = false;
  return {
    add(record) {
      if (record.type === 'attempt') {
        if (record.call !== null) calls.mention(record.call);
        return attempts.add(record.id) ? undefined : `is a second attempt ${record.id}`;
      }
      if (record.type === 'call') return calls.add(record.id) ? undefined : `is a second call ${record.id}`;
      // The provider's counts have a record for each second, even an empty one.
      if (record.type === 'second' && record.attempts) {
        const second = Math.round(record.startUs / 1e6);
        return seconds.add(second) ? undefined : `counts second ${second} again`;
      }
      if (record.type !== 'end') return undefined;
      const isSecond = hasEnd;
      hasEnd = true;
      isComplete = record.stopped === undefined;
      return isSecond ? 'is a second end' : undefined;
    },
    missing() {
      // A call is written when it ends, so the calls that were open when the run stopped early are missing.
      const problems = [
        attempts.problem('attempts'),
        isComplete ? calls.problem('calls') : undefined,
        seconds.problem('seconds'),
      ];
      return problems.filter((problem) => problem !== undefined);
    },
  };
}
