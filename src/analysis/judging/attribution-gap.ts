import { unattributedOf } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import type { Decision } from './define-judge.ts';

/** More than this share of attempts without a call, and nothing is said about calls (`backoff.md` section 2). */
const MOST_UNATTRIBUTED = 0.05;

/**
 * Why calls of this run cannot be judged, if so many attempts belong to no call that others may be missing too. Attempts
 * that were joined by guess are no gap: of these, fewer are wrong than the share that may be missing (`confidence.ts`),
 * since what could be more than one call's was not joined. Verdicts that find something say how many there were.
 */
export function attributionGap(run: Run): Decision | undefined {
  const lost = unattributedOf(run).length;
  if (lost <= run.attempts.length * MOST_UNATTRIBUTED) return undefined;
  return {
    status: 'inconclusive',
    n: run.attempts.length - lost,
    needed: Math.ceil(run.attempts.length * (1 - MOST_UNATTRIBUTED)),
    reason: `${lost} of ${run.attempts.length} attempts could not be joined to a call, so calls cannot be judged.`,
    advice: adviceFor(run),
  };
}

function adviceFor({ header: { recorded, program, scenario } }: Run): string {
  if (recorded) {
    return 'Record what the attempts of one call share: an Idempotency-Key, a marker (--marker), the SDK’s x-stainless-retry-count with the body, or a span.';
  }
  if (program) {
    return 'Let the attempts of one call share an Idempotency-Key, or prompts differ from call to call: several that send one body at a time cannot be told apart.';
  }
  switch (scenario.client.code.kind) {
    case 'module':
      return 'Send requests in the asynchronous context of the call that makes them, not from a queue shared by all.';
    case 'command':
      return 'Send the headers that each call is told with its requests, or let each call ask something else ({id} in call.prompt): docs/attribution.md.';
    default:
      return 'Send an Idempotency-Key that is the same in all attempts of one call, and in no other: docs/attribution.md.';
  }
}
