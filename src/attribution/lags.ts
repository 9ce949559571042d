/** So many are looked back at, and so few say nothing. */
const MOST = 64;
const LEAST = 20;
/** What was seen of the longest is not all of it. */
const MARGIN = 1.5;
const MARGIN_US = 1000;

/** How long calls of late took until their first attempt came. */
export class Lags {
  readonly #us: number[] = [];
  #next = 0;

  add(us: number): void {
    this.#us[this.#next] = us;
    this.#next = (this.#next + 1) % MOST;
  }

  /** After so long a call has sent its first attempt; undefined where too little was seen. */
  longestUs(): number | undefined {
    if (this.#us.length < LEAST) return undefined;
    return this.#us.reduce((longest, us) => Math.max(longest, us), 0) * MARGIN + MARGIN_US;
  }
}
