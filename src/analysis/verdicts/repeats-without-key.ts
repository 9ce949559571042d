import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/** A request that was sent again although nobody knew whether it had been done. */
interface Repeat {
  readonly before: Attempt;
  readonly next: Attempt;
  readonly key: 'none' | 'same' | 'changed';
}

/** Endpoints at which doing a thing twice is more than paying twice. */
const SIDE_EFFECTS = /^(batch|file|fine|assistant|thread|run|upload|image)/;
const AMBIGUOUS = new Set([502, 504]);

/**
 * After an end that leaves open whether the request was done, was it repeated without a key that tells? (`backoff.md`
 * 3.22.) For answers of models a repeat only costs; official SDKs send no key.
 */
export const repeatsWithoutKey = defineJudge({
  id: 'repeats-without-key',
  question: 'Does it repeat what may have been done, without an idempotency key?',
  severity: 'warn',
  about: 'calls',
  unit: 'repeats without a stable key',
  settings: {},
  threshold: () => 'warn: a key that changes, fail: no key where it does more than cost',
  decide({ calls }) {
    const repeats = calls.flatMap(repeatsIn);
    const n = repeats.length;
    if (n === 0) return neverArose('Nothing was sent again that may have been done.');
    const loose = repeats.filter(({ key }) => key !== 'same');
    const changed = loose.filter(({ key }) => key === 'changed');
    const harmful = loose.filter(({ before }) => SIDE_EFFECTS.test(before.endpoint));
    return {
      status: harmful.length > 0 ? 'fail' : changed.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: loose.length,
      evidence: [...harmful, ...changed].map(({ before, key }) =>
        proof(before, `${endOf(before)}, and sent again ${key === 'none' ? 'without a key' : 'with another key'}`),
      ),
      reason:
        loose.length === 0
          ? `${n} requests that may have been done were sent again, each with the same key.`
          : `${loose.length} of ${n} requests that may have been done were sent again without a stable key` +
            (harmful.length === 0 ? ': answers of a model, which only cost twice.' : '.'),
      advice: 'Make one idempotency key for a call and send it with every attempt.',
    };
  },
});

function repeatsIn({ attempts }: Call): Repeat[] {
  return attempts.flatMap((before, index): Repeat[] => {
    const next = attempts[index + 1];
    if (!next || !isAmbiguous(before) || next.bodyHash !== before.bodyHash) return [];
    const { idempotencyKey } = before;
    const key = idempotencyKey === undefined ? 'none' : idempotencyKey === next.idempotencyKey ? 'same' : 'changed';
    return [{ before, next, key }];
  });
}

/** The request was sent and no answer tells whether it was done. */
function isAmbiguous({ outcome, status }: Attempt): boolean {
  return outcome === 'reset' || outcome === 'aborted' || (outcome === 'response' && AMBIGUOUS.has(status));
}

function endOf({ outcome, status }: Attempt): string {
  if (outcome === 'response') return String(status);
  return outcome === 'reset' ? 'the connection broke' : 'no answer in time';
}
