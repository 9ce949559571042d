import { findUnattributed } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import type { Judgement } from './verdict.ts';

/** Above this share of attempts without a call, calls are not judged (`backoff.md` section 2). */
const MAX_UNATTRIBUTED_SHARE = 0.05;

/**
 * Returns `inconclusive` if too many attempts belong to no call. Attempts attributed by guess do not count as a gap: ambiguous
 * attempts stay unattributed, so the share of wrong guesses is below this share (`join-confidence.ts`). Verdicts that warn or
 * fail state the number of guesses.
 */
export function attributionGap(run: Run): Judgement | undefined {
  const unattributed = findUnattributed(run).length;
  if (unattributed <= run.attempts.length * MAX_UNATTRIBUTED_SHARE) return undefined;
  return {
    status: 'inconclusive',
    n: run.attempts.length - unattributed,
    needed: Math.ceil(run.attempts.length * (1 - MAX_UNATTRIBUTED_SHARE)),
    reason: `${unattributed} of ${run.attempts.length} attempts could not be joined to a call, so calls cannot be judged.`,
    advice: adviceFor(run),
  };
}

function adviceFor({ header: { recorded, program, scenario } }: Run): string {
  if (recorded) {
    return 'Record something that all attempts of a call share: an Idempotency-Key, a marker (--marker), the SDK’s x-stainless-retry-count with the body, or a span.';
  }
  if (program) {
    return 'Send one Idempotency-Key with all attempts of a call, or use a different prompt in each call: concurrent calls with the same body cannot be distinguished.';
  }
  switch (scenario.client.code.kind) {
    case 'module':
      return 'Send requests in the async context of the call that makes them, not from a queue shared by all calls.';
    case 'command':
      return 'Send the headers that each call receives with its requests, or use a different prompt in each call ({id} in call.prompt). See docs/attribution.md.';
    default:
      return 'Send an Idempotency-Key that is the same in all attempts of one call and in no other. See docs/attribution.md.';
  }
}
