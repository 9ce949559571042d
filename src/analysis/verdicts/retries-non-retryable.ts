import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { hopelessness } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';

const NEVER = new Set([400, 401, 403, 404, 422]);

/** A request that was sent again although the answer to it could not change. */
interface Futile {
  readonly call: Call;
  readonly refused: Attempt;
  readonly why: NonNullable<ReturnType<typeof hopelessness>>;
}

/**
 * Does it repeat what cannot succeed? (`backoff.md` 3.10.) The same body again after a mistake of the caller's own, a billing
 * refusal, or `x-should-retry: false`. One is proof.
 */
export const retriesNonRetryable = defineJudge({
  id: 'retries-non-retryable',
  question: 'Does it repeat what cannot succeed?',
  severity: 'error',
  about: 'calls',
  unit: 'futile retries',
  settings: { fail: number(3, 'futile retries in one call from which on it fails') },
  threshold: ({ fail }) => `warn > 0, fail ≥ ${fail} in one call or any after 400, 401, 403, 404, 422`,
  decide(run, { fail }) {
    const hopeless = run.attempts.filter((attempt) => isFutile(hopelessness(attempt)));
    const n = hopeless.length;
    if (n === 0) return neverArose('No request met an answer that cannot change.');
    const futile = run.calls.flatMap(futileIn);
    if (futile.length === 0) {
      const reason = `${n === 1 ? 'One request' : `${n} requests`} met an answer that cannot change; none was sent again as it was.`;
      return { status: 'pass', n, needed: 1, figure: 0, reason };
    }
    return { n, needed: 1, ...wasted(futile, fail) };
  },
});

/** Requests larger than a limit have a verdict of their own. */
function isFutile(why: ReturnType<typeof hopelessness>): why is Futile['why'] {
  return why !== undefined && why !== 'too large';
}

function futileIn(call: Call): Futile[] {
  return call.attempts.flatMap((refused, index): Futile[] => {
    const next = call.attempts[index + 1];
    const why = hopelessness(refused);
    return next && isFutile(why) && next.bodyHash === refused.bodyHash ? [{ call, refused, why }] : [];
  });
}

function wasted(futile: readonly Futile[], fail: number): Omit<Decision, 'n' | 'needed'> {
  const perCall = [...Map.groupBy(futile, ({ call }) => call.id).values()];
  const most = perCall.reduce((max, own) => Math.max(max, own.length), 0);
  const never = futile.some(({ refused }) => NEVER.has(refused.status));
  const kinds = [...new Set(futile.map(({ refused, why }) => nameOf(refused, why)))];
  return {
    status: never || most >= fail ? 'fail' : 'warn',
    figure: futile.length,
    evidence: futile
      .slice(0, MOST_EVIDENCE)
      .map(({ refused, why }) => proof(refused, `${nameOf(refused, why)}, and sent again`)),
    reason: `${futile.length} requests were sent again, up to ${most} times, after ${kinds.join('; ')}.`,
    advice:
      "Look at the error before trying again: its status, `x-should-retry`, and its code; the SDKs' own retries do not look " +
      'at the code, so catch the error and stop, or set maxRetries to 0 and retry yourself.',
  };
}

function nameOf({ status, errorCode }: Attempt, why: Futile['why']): string {
  const named = errorCode === undefined ? String(status) : `${status} ${errorCode}`;
  return why === 'told not to' ? `${named} with x-should-retry: false` : named;
}
