import type { JoinedBy } from '../journal/call-records.ts';

/**
 * How reliable a join is. `exact`: the request names its call. `high`: it has a retry count, and its body shows which call
 * is retried. `guess`: only one call fits by content and time; on clients whose true calls are known, at least 98 % of these
 * joins are right at every tested load (`measured.test.ts`).
 */
export type JoinConfidence = 'exact' | 'high' | 'guess' | 'none';

export const JOIN_CONFIDENCE: Readonly<Record<JoinedBy, JoinConfidence>> = {
  tag: 'exact',
  idempotency: 'exact',
  marker: 'exact',
  'parent-span': 'exact',
  'retry-count': 'high',
  prompt: 'guess',
  'body-hash': 'guess',
  'only-open': 'guess',
  none: 'none',
};
