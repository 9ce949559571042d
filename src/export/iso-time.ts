import { Temporal } from 'temporal-polyfill';

/** Returns a time in microseconds since the Unix epoch in ISO 8601 with all its decimals: `2026-01-01T00:00:00.000250Z`. */
export function isoTime(us: number): string {
  return Temporal.Instant.fromEpochNanoseconds(BigInt(Math.round(us)) * 1000n).toString({ fractionalSecondDigits: 6 });
}
