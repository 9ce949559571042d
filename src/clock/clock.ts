/** The runner's time: whole microseconds since the Unix epoch, monotonic. */
export interface Clock {
  nowUs(): number;
  /** Events on this clock happen at multiples of this. */
  readonly resolutionUs: number;
  /** Resolves at `atUs` or as soon as possible after it, never earlier, except when the signal aborts. */
  sleepUntil(atUs: number, signal?: AbortSignal): Promise<void>;
}
