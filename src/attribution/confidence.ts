import type { JoinedBy } from '../journal/record.ts';

/**
 * How far what joined an attempt to its call can be trusted. `exact`: the request says itself whose it is. `high`: it says
 * how many attempts came before it, and its body of what. `guess`: it fits one call alone by what it asks and when; measured
 * on clients whose truth is known, 98 of 100 such joins and more are right in every load that was tried
 * (`measured.test.ts`).
 */
export type Confidence = 'exact' | 'high' | 'guess' | 'none';

export const CONFIDENCE: Readonly<Record<JoinedBy, Confidence>> = {
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
