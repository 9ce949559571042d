/** Recent calls that are kept. */
const MAX_SAMPLES = 64;
/** With fewer samples, the longest lag is unknown. */
const MIN_SAMPLES = 20;
/** Added to the longest sample, since later lags may be longer. */
const MARGIN = 1.5;
const MARGIN_US = 1000;

/** The time from the start of a call to its first attempt, in recent calls. */
export class FirstAttemptLags {
  readonly #samplesUs: number[] = [];
  #next = 0;

  add(us: number): void {
    this.#samplesUs[this.#next] = us;
    this.#next = (this.#next + 1) % MAX_SAMPLES;
  }

  /** Returns the longest expected lag in microseconds, with a margin; undefined with too few samples. */
  maxUs(): number | undefined {
    if (this.#samplesUs.length < MIN_SAMPLES) return undefined;
    return this.#samplesUs.reduce((longest, us) => Math.max(longest, us), 0) * MARGIN + MARGIN_US;
  }
}
