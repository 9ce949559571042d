import { hopelessness } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import type { Attempt, Call, Run } from '../run-view.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 0, fail ≥ 3 in one call or any after 400, 401, 403, 404, 422';
const NEVER = new Set([400, 401, 403, 404, 422]);
const MOST_IN_A_CALL = 2;

/** A request that was sent again although the answer to it could not change. */
interface Futile {
  readonly call: Call;
  readonly refused: Attempt;
  readonly why: NonNullable<ReturnType<typeof hopelessness>>;
}

/**
 * Does it repeat what cannot succeed? (`backoff.md` 3.10 and 3.27.) The same body again after a mistake of the caller's own,
 * a billing refusal, `x-should-retry: false`, or for a request larger than the limit itself. One is proof.
 */
export const retriesNonRetryable: Judge = {
  id: 'retries-non-retryable',
  question: 'Does it repeat what cannot succeed?',
  defaultSeverity: 'error',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const hopeless = run.attempts.filter((attempt) => hopelessness(attempt) !== undefined);
    const common = { unit: 'futile retries', threshold: THRESHOLD, n: hopeless.length, needed: 1 };
    if (hopeless.length === 0) {
      return undecided('not-applicable', { ...common, reason: 'No request met an answer that cannot change.' });
    }
    const futile = run.calls.flatMap(futileIn);
    return { ...common, ...(futile.length === 0 ? clean(hopeless) : wasted(futile)) };
  },
};

function futileIn(call: Call): Futile[] {
  return call.attempts.flatMap((refused, index): Futile[] => {
    const next = call.attempts[index + 1];
    const why = hopelessness(refused);
    return next && why && next.bodyHash === refused.bodyHash ? [{ call, refused, why }] : [];
  });
}

type Decided = Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'>;

function clean(hopeless: readonly Attempt[]): Decided {
  const reason = `${hopeless.length} requests met an answer that cannot change; none was sent again as it was.`;
  return { status: 'pass', figure: 0, evidence: [], reason, advice: '' };
}

function wasted(futile: readonly Futile[]): Decided {
  const perCall = [...Map.groupBy(futile, ({ call }) => call.id).values()];
  const most = Math.max(...perCall.map((own) => own.length));
  const never = futile.some(({ refused }) => NEVER.has(refused.status));
  const kinds = [...new Set(futile.map(({ refused, why }) => nameOf(refused, why)))];
  return {
    status: never || most > MOST_IN_A_CALL ? 'fail' : 'warn',
    figure: futile.length,
    evidence: futile.slice(0, 10).map(evidenceOf),
    reason: `${futile.length} requests were sent again, up to ${most} times, after ${kinds.join('; ')}.`,
    advice:
      "Look at the error before trying again: its status, `x-should-retry`, and its code; the SDKs' own retries do not look " +
      'at the code, so catch the error and stop, or set maxRetries to 0 and retry yourself.',
  };
}

function nameOf({ status, errorCode }: Attempt, why: Futile['why']): string {
  const named = errorCode === undefined ? String(status) : `${status} ${errorCode}`;
  if (why === 'told not to') return `${named} with x-should-retry: false`;
  return why === 'too large' ? `${named} for a request larger than the limit` : named;
}

function evidenceOf({ call, refused, why }: Futile): Evidence {
  const what = `${nameOf(refused, why)}, and sent again`;
  return { call: call.id, attempt: refused.id, atUs: refused.startUs, what };
}
