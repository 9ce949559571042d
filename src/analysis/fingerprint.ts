import { computeSignals, type KeySignals } from '../../mock-server/similarity/signals.ts';
import type { JournalRecord } from '../journal/record.ts';

/**
 * Computes the signals a provider can observe for each API key: address, User-Agent, content and timing (`limits.md`
 * section 4).
 */
export function computeFingerprints(records: readonly JournalRecord[]): KeySignals[] {
  return computeSignals(
    records.flatMap((record) => {
      if (record.type !== 'attempt' || record.key === undefined) return [];
      const { key, ip = '127.0.0.1', userAgent = '', textHash, startUs } = record;
      return [{ key, ip, userAgent, textHash, atUs: startUs }];
    }),
  );
}
