import type { Attempt, Call, Run } from './run-view.ts';

/** Codes of a 503 that mean the same as a 429 (`wire.md` 1.6). */
const RATE_LIMIT_CODES = new Set(['rate_limit_exceeded', 'slow_down']);

/** Refused by a limit, not by a fault: 429, or 503 with a rate-limit code (`backoff.md` 3.0). */
export function isRejected({ status, errorCode, outcome }: Attempt): boolean {
  if (outcome !== 'response') return false;
  return status === 429 || (status === 503 && errorCode !== undefined && RATE_LIMIT_CODES.has(errorCode));
}

export function isAdmitted({ status, outcome }: Attempt): boolean {
  return outcome === 'response' && status >= 200 && status < 300;
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
export function retriesOf(run: Run): Retry[] {
  return run.calls.flatMap((call) =>
    call.attempts.flatMap((refused, index) => {
      const next = call.attempts[index + 1];
      if (!next || !isRejected(refused)) return [];
      return [{ call, refused, next, gapUs: next.startUs - (refused.headersUs ?? refused.endUs) }];
    }),
  );
}

/** Attempts that nothing joined to a call. */
export function unattributedOf(run: Run): Attempt[] {
  return run.attempts.filter(({ call }) => call === null);
}
