import { type KeySignals, signalsOf } from '../../mock-server/similarity/signals.ts';
import type { JournalRecord } from '../journal/record.ts';

/**
 * How a client looks to its provider along the four dimensions of `limits.md` section 4, for each key that it used: address,
 * User-Agent, content, timing.
 */
export function fingerprintOf(records: readonly JournalRecord[]): KeySignals[] {
  return signalsOf(
    records.flatMap((record) => {
      if (record.type !== 'attempt' || record.key === undefined) return [];
      const { key, ip = '127.0.0.1', userAgent = '', textHash, startUs } = record;
      return [{ key, ip, userAgent, textHash, atUs: startUs }];
    }),
  );
}
