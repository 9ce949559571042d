import { Temporal } from 'temporal-polyfill';
import { parseHttpDate } from '../../../mock-server/dialects/http-date.ts';
import { isRepeatable } from './repeatable.ts';
import type { Attempt, Run } from './run-view.ts';

/**
 * Returns when the virtual clock of a run began, as an ISO 8601 date and time, if a date was in play: a client compares the dates
 * that it is sent with this clock. Undefined for runs without dates and on a machine's clock.
 */
export function findClockStart({ header, attempts }: Run): string | undefined {
  if (!isRepeatable(header.time) || !attempts.some(sentDate)) return undefined;
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(header.scenario.startUs / 1000)).toString();
}

function sentDate({ retryAfterRaw = '', resetRaw = '', dateSkewUs }: Attempt): boolean {
  if (dateSkewUs !== undefined) return true;
  return parseHttpDate(retryAfterRaw) !== undefined || [retryAfterRaw, resetRaw].some((raw) => DATE.test(raw.trim()));
}

/** A date with a time, or seconds since the Unix epoch. */
const DATE = /^(\d{4}-\d\d-\d\dT.*|\d{10,13}(\.\d+)?)$/;
