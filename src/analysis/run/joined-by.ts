import { JOIN_CONFIDENCE, type JoinConfidence } from '../../attribution/join-confidence.ts';
import type { JoinedBy } from '../../journal/call-records.ts';
import { memoizeByRun } from './memoize-by-run.ts';
import type { Run } from './run-view.ts';

/** Label of each rung, the evidence that joins an attempt to its call. */
const RUNG_LABELS: Readonly<Record<JoinedBy, string>> = {
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

/** How the attempts of a run were joined to its calls. */
export interface Attribution {
  /** Attempts by the confidence of their join. */
  readonly confidence: Readonly<Record<JoinConfidence, number>>;
  /** Attempts by the rung that joined them; `none` counts unattributed attempts. Rungs without attempts are omitted. */
  readonly joinedBy: Readonly<Partial<Record<JoinedBy, number>>>;
  /** The rungs with their counts, e.g. `idempotency key 12, body and time 3`; empty if nothing was joined. */
  readonly rungs: string;
  /** How many attempts were joined by guess, as a sentence without a full stop; null for none. */
  readonly guesses: string | null;
}

/** Computes how the attempts of a run were joined to its calls. */
export function computeAttribution(run: Run): Attribution {
  const joined = rungCounts(run).filter(([rung]) => rung !== 'none');
  return {
    confidence: countByConfidence(run),
    joinedBy: countByRung(run),
    rungs: joined.map(([rung, count]) => `${RUNG_LABELS[rung]} ${count}`).join(', '),
    guesses: describeGuesses(run) ?? null,
  };
}

const countByRung = memoizeByRun(({ attempts }: Run): Readonly<Partial<Record<JoinedBy, number>>> => {
  const counts: Partial<Record<JoinedBy, number>> = {};
  for (const { joinedBy: rung } of attempts) counts[rung] = (counts[rung] ?? 0) + 1;
  return counts;
});

function countByConfidence(run: Run): Record<JoinConfidence, number> {
  const counts = { exact: 0, high: 0, guess: 0, none: 0 };
  for (const [rung, count] of rungCounts(run)) counts[JOIN_CONFIDENCE[rung]] += count;
  return counts;
}

/** Describes how many attempts were joined by guess, as a sentence without a full stop; undefined for none. */
export function describeGuesses(run: Run): string | undefined {
  const guesses = rungCounts(run).filter(([rung]) => JOIN_CONFIDENCE[rung] === 'guess');
  if (guesses.length === 0) return undefined;
  const sum = guesses.reduce((total, [, count]) => total + count, 0);
  const rungs = guesses.map(([rung, count]) =>
    guesses.length === 1 ? RUNG_LABELS[rung] : `${RUNG_LABELS[rung]} ${count}`,
  );
  const were = sum === 1 ? 'was joined to its call' : 'were joined to their call';
  return `${sum} of ${run.attempts.length} attempts ${were} by guess (${rungs.join(', ')})`;
}

function rungCounts(run: Run): [JoinedBy, number][] {
  return Object.entries(countByRung(run)) as [JoinedBy, number][];
}
