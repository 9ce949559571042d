import { isAnswered } from '../../../mock-server/exchange.ts';
import { oncePerRun } from './once-per-run.ts';
import type { Attempt, Call } from './run-view.ts';

/** Codes of a 503 that mean the same as a 429 (`wire.md` 1.6). */
const RATE_LIMIT_CODES = new Set(['rate_limit_exceeded', 'slow_down']);

/** Refused by a limit, not by a fault: 429, or 503 with a rate-limit code (`backoff.md` 3.0). */
export function isRejected({ status, errorCode, outcome }: Pick<Attempt, 'status' | 'errorCode' | 'outcome'>): boolean {
  if (outcome !== 'response') return false;
  return status === 429 || (status === 503 && errorCode !== undefined && RATE_LIMIT_CODES.has(errorCode));
}

/** What limits let in and faults spared, in the words of analysis. */
export const isAdmitted: (attempt: Pick<Attempt, 'status' | 'outcome'>) => boolean = isAnswered;

/** Mistakes of the caller's own, which no repetition mends. */
const HOPELESS_STATUSES = new Set([400, 401, 403, 404, 405, 413, 422]);

/** Codes of refusals that a person has to deal with, old and new (`wire.md` 1.6 and 2.2). */
const BILLING_CODES = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
  'billing_not_active',
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
]);

/** Why repeating this very request cannot help, or undefined where it may. */
export function hopelessness(attempt: Attempt): 'mistake' | 'billing' | 'told not to' | 'too large' | undefined {
  const { outcome, status, errorCode, errorType, shouldRetry, deniedBy, admitAfterUs } = attempt;
  if (outcome !== 'response') return undefined;
  if (shouldRetry === false) return 'told not to';
  if (HOPELESS_STATUSES.has(status)) return 'mistake';
  if (status !== 429) return undefined;
  if (BILLING_CODES.has(errorCode ?? '') || errorType === 'insufficient_quota') return 'billing';
  return deniedBy !== undefined && admitAfterUs === undefined ? 'too large' : undefined;
}

/** Statuses of a passing fault of the server's own (`backoff.md` 3.24). */
const PASSING_STATUSES = new Set([408, 500, 502, 503, 504, 529]);

/** Hit by a fault that may be over a moment later: not a limit, not a mistake. */
export function isOverload(attempt: Attempt): boolean {
  return attempt.outcome === 'response' && PASSING_STATUSES.has(attempt.status) && !isRejected(attempt);
}

/** A rejection, and the attempt that the same call made next. */
export interface Retry {
  readonly call: Call;
  readonly refused: Attempt;
  readonly next: Attempt;
  /** From the moment the refusal's head was sent: what the client waited. */
  readonly gapUs: number;
}

/** Every retry after a rejection, by call and number. */
export const retriesOf = oncePerRun((run): readonly Retry[] => {
  const retries: Retry[] = [];
  for (const call of run.calls) {
    const { attempts } = call;
    for (let index = 0; index + 1 < attempts.length; index++) {
      const refused = attempts[index]!;
      const next = attempts[index + 1]!;
      if (isRejected(refused)) retries.push({ call, refused, next, gapUs: gapUs(refused, next) });
    }
  }
  return retries;
});

/** What a client waited between two attempts: from the moment the head of an answer was sent, or from the end without one. */
export function gapUs(before: Attempt, next: Attempt): number {
  return next.startUs - (before.headersUs ?? before.endUs);
}

/** Attempts that nothing joined to a call. */
export const unattributedOf = oncePerRun((run): readonly Attempt[] => run.attempts.filter(({ call }) => call === null));
