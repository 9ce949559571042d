/** Time as the runner uses it. Microseconds since the Unix epoch, whole, never going back. */
export interface Clock {
  nowUs(): number;
  /** What happens on this clock happens at multiples of this. */
  readonly resolutionUs: number;
  /** Resolves at `atUs` or as soon after as the clock can, at once when the signal aborts; never before `atUs` else. */
  sleepUntil(atUs: number, signal?: AbortSignal): Promise<void>;
}
