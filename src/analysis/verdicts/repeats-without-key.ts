import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { endingOf } from '../run/attempts.ts';
import { nextAtProvider } from '../run/by-provider.ts';
import { describeEnding } from '../run/describe-ending.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/** A request that was resent although it may have succeeded. */
interface Repeat {
  readonly before: Attempt;
  readonly next: Attempt;
  readonly key: 'none' | 'same' | 'changed';
}

/** Endpoints where a duplicate request has side effects beyond its cost. */
const SIDE_EFFECTS = /^(batch|file|fine|assistant|thread|run|upload|image)/;
const AMBIGUOUS = new Set([502, 504]);

/**
 * Detects requests that were resent without a stable idempotency key although they may have succeeded (`backoff.md` 3.22).
 * Duplicate model replies only cost money, and official SDKs send no key.
 */
export const repeatsWithoutKey = defineJudge({
  id: 'repeats-without-key',
  question: 'Does it resend requests that may have succeeded, without an idempotency key?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: reset) or one with status 500, so that requests may have succeeded.',
  about: 'calls',
  needs: { 'request-headers': 'to-decide', bodies: 'to-decide' },
  unit: 'repeats without a stable key',
  settings: {},
  threshold: () => 'warn: a key that changes, fail: no stable key on an endpoint with side effects',
  decide({ calls }) {
    const repeats = calls.flatMap(findRepeats);
    const n = repeats.length;
    if (n === 0) return notApplicable('No request that may have succeeded was resent.');
    const unstable = repeats.filter(({ key }) => key !== 'same');
    const changed = unstable.filter(({ key }) => key === 'changed');
    const harmful = unstable.filter(({ before }) => SIDE_EFFECTS.test(before.endpoint));
    return {
      status: harmful.length > 0 ? 'fail' : changed.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: unstable.length,
      evidence: [...harmful, ...changed].map(({ before, key }) =>
        proof(
          before,
          `${describeEnding(before)}, then resent ${key === 'none' ? 'without a key' : 'with a different key'}`,
        ),
      ),
      reason:
        unstable.length === 0
          ? `${n} requests that may have succeeded were resent, each with the same key.`
          : `${unstable.length} of ${n} requests that may have succeeded were resent without a stable key` +
            (harmful.length === 0 ? '; model replies only cost twice.' : '.'),
      advice: 'Create one idempotency key per call and send it with every attempt.',
    };
  },
});

function findRepeats({ attempts }: Call): Repeat[] {
  return attempts.flatMap((before, index): Repeat[] => {
    const next = nextAtProvider(attempts, index);
    if (!next || !isAmbiguous(before) || next.bodyHash !== before.bodyHash) return [];
    const { idempotencyKey } = before;
    const key = idempotencyKey === undefined ? 'none' : idempotencyKey === next.idempotencyKey ? 'same' : 'changed';
    return [{ before, next, key }];
  });
}

/** The request was sent, and no reply shows whether it succeeded, or one does that cannot be read. */
function isAmbiguous(attempt: Attempt): boolean {
  const { kind } = endingOf(attempt);
  if (kind === 'failed') return AMBIGUOUS.has(attempt.status);
  return kind === 'broken' || kind === 'abandoned' || kind === 'unreadable';
}
