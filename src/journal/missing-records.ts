import type { JournalRecord } from './record.ts';

/** The ids that were met of one kind of record, which a run gives out one after the other. */
class Ids {
  #count = 0;
  #sum = 0;
  #least = Infinity;
  #most = -Infinity;

  add(id: number): void {
    this.#count++;
    this.#sum += id;
    this.mention(id);
  }

  /** An id that there must be, met elsewhere. */
  mention(id: number): void {
    if (id < this.#least) this.#least = id;
    if (id > this.#most) this.#most = id;
  }

  fault(what: string): string | undefined {
    if (this.#most < this.#least) return undefined;
    const wanted = this.#most - this.#least + 1;
    const range = `of those with the ids ${this.#least} to ${this.#most}`;
    if (this.#count < wanted) return `${wanted - this.#count} ${what} are missing ${range}`;
    if (this.#count > wanted) return `${this.#count - wanted} ${what} are there twice ${range}`;
    const sum = ((this.#least + this.#most) / 2) * wanted;
    return this.#sum === sum ? undefined : `some ${what} are missing and others are there twice ${range}`;
  }
}

/** Finds out whether a journal lacks records between its first and its last. */
export interface MissingRecords {
  add(record: JournalRecord): void;
  /** What is missing or there twice; nothing for a journal that is whole up to where it ends. */
  faults(): string[];
}

export function missingRecords(): MissingRecords {
  const attempts = new Ids();
  const calls = new Ids();
  const seconds = new Ids();
  let whole = false;
  return {
    add(record) {
      if (record.type === 'attempt') {
        attempts.add(record.id);
        if (record.call !== null) calls.mention(record.call);
      } else if (record.type === 'call') calls.add(record.id);
      // What the provider saw has a record for each second, whether anything came in it or not.
      else if (record.type === 'second' && record.attempts) seconds.add(Math.round(record.startUs / 1e6));
      else if (record.type === 'end') whole = record.stopped === undefined;
    },
    faults() {
      // A call is written when it ends: where a journal was cut off, or a client went away, those that went on then were not.
      const found = [attempts.fault('attempts'), whole ? calls.fault('calls') : undefined, seconds.fault('seconds')];
      return found.filter((fault) => fault !== undefined);
    },
  };
}
