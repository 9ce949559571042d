import { CONFIDENCE, type Confidence } from '../../attribution/confidence.ts';
import type { JoinedBy } from '../../journal/record.ts';
import { oncePerRun } from './once-per-run.ts';
import type { Run } from './run-view.ts';

/** What joins attempts to calls, in words. */
export const RUNG_WORDS: Readonly<Record<JoinedBy, string>> = {
  tag: 'tag',
  idempotency: 'idempotency key',
  marker: 'marker',
  'parent-span': 'parent span',
  'retry-count': "the SDK's retry count",
  prompt: "the prompt's fingerprint",
  'body-hash': 'body and time',
  'only-open': 'the only call that was open',
  none: 'nothing',
};

/** How many attempts each rung joined to their call, `none` those that nothing did; rungs that joined none are left out. */
export const joinedBy = oncePerRun(({ attempts }: Run): Readonly<Partial<Record<JoinedBy, number>>> => {
  const counts: Partial<Record<JoinedBy, number>> = {};
  for (const { joinedBy: by } of attempts) counts[by] = (counts[by] ?? 0) + 1;
  return counts;
});

/** How many attempts were joined to their call with each confidence. */
export function confidences(run: Run): Record<Confidence, number> {
  const counts = { exact: 0, high: 0, guess: 0, none: 0 };
  for (const [by, count] of rungsOf(run)) counts[CONFIDENCE[by]] += count;
  return counts;
}

/** How many attempts were joined to their call by guess, in a sentence without its full stop; undefined for none. */
export function guessText(run: Run): string | undefined {
  const guesses = rungsOf(run).filter(([by]) => CONFIDENCE[by] === 'guess');
  if (guesses.length === 0) return undefined;
  const sum = guesses.reduce((total, [, count]) => total + count, 0);
  const rungs = guesses.map(([by, count]) => (guesses.length === 1 ? RUNG_WORDS[by] : `${RUNG_WORDS[by]} ${count}`));
  const were = sum === 1 ? 'was joined to its call' : 'were joined to their call';
  return `${sum} of ${run.attempts.length} attempts ${were} by guess (${rungs.join(', ')})`;
}

function rungsOf(run: Run): [JoinedBy, number][] {
  return Object.entries(joinedBy(run)) as [JoinedBy, number][];
}
