import type { LiveView } from './live-view.ts';

/** A verdict or threshold that has turned. */
export interface Turn {
  readonly atS: number;
  readonly name: string;
  readonly outcome: string;
}

const WORDS: Readonly<Record<string, string>> = {
  failed: 'fails',
  warned: 'warns',
  passed: 'passes',
  undecided: 'is undecided',
  'not-applicable': 'does not apply',
};

/** Returns what has turned to or from a failure or warning between two looks, and when. */
export function turnsBetween(before: LiveView | undefined, now: LiveView): Turn[] {
  if (!before) return [];
  const outcomes = new Map(before.findings.map(({ name, outcome }) => [name, outcome]));
  const isBad = (outcome: string | undefined): boolean => outcome === 'failed' || outcome === 'warned';
  return now.findings.flatMap(({ name, outcome }) => {
    const earlier = outcomes.get(name);
    if (earlier === outcome || (!isBad(earlier) && !isBad(outcome))) return [];
    return [{ atS: Math.round(now.elapsedUs / 1e6), name, outcome: WORDS[outcome] ?? outcome }];
  });
}
