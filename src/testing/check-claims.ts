import { QuotaLabError } from '../../mock-server/error.ts';
import type { CheckTable } from '../check/check-table.ts';
import { checkSummary } from '../report/terminal/check-lines.ts';
import { WIDTH } from './call-evidence.ts';
import type { Claim } from './claim.ts';

/** No row of the table of `check` fails. Rows that only warn, or are undecided, pass as on the command line. */
export function tableIsResilient(received: unknown): Claim {
  const table = toTable(received);
  return {
    expectation: 'to be resilient',
    holds: table.passed,
    details: checkSummary(table, { color: false, width: WIDTH }).trim().split('\n').slice(2),
  };
}

/** Throws `matcher/not-a-table`. */
function toTable(received: unknown): CheckTable {
  const isTable = typeof received === 'object' && received !== null && 'rows' in received && 'passed' in received;
  if (isTable) return received as CheckTable;
  const what = received instanceof Promise ? 'a promise' : 'something else';
  const hint = "expect(await check('./client.ts')).toBeResilient()";
  throw new QuotaLabError('matcher/not-a-table', `this matcher judges a table of check, not ${what} (${hint})`);
}
