import { QuotaLabError } from '../../mock-server/error.ts';
import type { Run } from '../analysis/run/run-view.ts';

/** Throws `export/no-attempts` for raw load, which is counted by second, and for a run without a request. */
export function requireAttempts({ attempts, seconds }: Run, format: string): void {
  if (attempts.length > 0) return;
  const isCounted = seconds.length > 0;
  throw new QuotaLabError('export/no-attempts', `the run has no attempts to export as ${format}`, {
    problems: [
      {
        path: '',
        message: isCounted ? 'raw load is counted by second; its attempts are not kept' : 'no request was made',
        ...(isCounted && { hint: 'export prometheus' }),
      },
    ],
  });
}
