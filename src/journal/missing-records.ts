import type { JournalRecord } from './record.ts';

/** The ids of one type of record, which a run assigns consecutively. */
class IdRange {
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  add(id: number): void {
    this.#count++;
    this.#sum += id;
    this.mention(id);
  }

  /** Notes an id that another record refers to, so a record with it must exist. */
  mention(id: number): void {
    if (id < this.#min) this.#min = id;
    if (id > this.#max) this.#max = id;
  }

  problem(what: string): string | undefined {
    if (this.#max < this.#min) return undefined;
    const expected = this.#max - this.#min + 1;
    const range = `(ids ${this.#min} to ${this.#max})`;
    if (this.#count < expected) return `missing ${what}: ${expected - this.#count} ${range}`;
    if (this.#count > expected) return `duplicate ${what}: ${this.#count - expected} ${range}`;
    const sum = ((this.#min + this.#max) / 2) * expected;
    return this.#sum === sum ? undefined : `some ${what} are missing and others duplicated ${range}`;
  }
}

/** Checks whether records are missing between the first and the last of a journal. */
export interface MissingRecordCheck {
  add(record: JournalRecord): void;
  /** Returns the missing and duplicate records; an empty list if the journal is complete up to its end. */
  problems(): string[];
}

export function createMissingRecordCheck(): MissingRecordCheck {
  const attempts = new IdRange();
  const calls = new IdRange();
  const seconds = new IdRange();
  let isComplete = false;
  return {
    add(record) {
      if (record.type === 'attempt') {
        attempts.add(record.id);
        if (record.call !== null) calls.mention(record.call);
      } else if (record.type === 'call') calls.add(record.id);
      // The provider's counts have a record for each second, even an empty one.
      else if (record.type === 'second' && record.attempts) seconds.add(Math.round(record.startUs / 1e6));
      else if (record.type === 'end') isComplete = record.stopped === undefined;
    },
    problems() {
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
