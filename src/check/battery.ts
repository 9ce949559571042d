import { QuotaLabError } from '../../mock-server/error.ts';
import { suggestName } from '../scenario/suggest-name.ts';
import type { CheckRow } from './row.ts';
import { CONNECTION_ROWS } from './rows/connections.ts';
import { ERROR_ROWS } from './rows/errors.ts';
import { LIMIT_ROWS } from './rows/limits.ts';
import { STREAM_ROWS } from './rows/streams.ts';
import { WAIT_ROWS } from './rows/waits.ts';

/** Every situation that a client is put into, in the order of tables. To add one, add it to its group. */
export const BATTERY: readonly CheckRow[] = [
  ...WAIT_ROWS,
  ...LIMIT_ROWS,
  ...ERROR_ROWS,
  ...CONNECTION_ROWS,
  ...STREAM_ROWS,
];

/** Returns the rows with these ids, all without ids. Throws `check/unknown-row` with every id that is none. */
export function selectRows(ids: readonly string[] = []): readonly CheckRow[] {
  const known = BATTERY.map(({ id }) => id);
  const problems = ids
    .filter((id) => !known.includes(id))
    .map((id) => ({ path: '--only', message: `there is no row ${id}`, ...suggestName(id, known) }));
  if (problems.length > 0) throw new QuotaLabError('check/unknown-row', `rows: ${known.join(', ')}`, { problems });
  return ids.length === 0 ? BATTERY : BATTERY.filter(({ id }) => ids.includes(id));
}
