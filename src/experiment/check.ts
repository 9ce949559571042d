import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { selectRows } from '../check/battery.ts';
import { type CheckTable, passes } from '../check/check-table.ts';
import type { RowResult } from '../check/judge-row.ts';
import type { CheckRow } from '../check/row.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { type CheckClientOptions, type CheckSource, readCheckClient } from './check-client.ts';
import { checkRow, type RowOutcome } from './check-row.ts';
import { makePlainCall, type PlainCall } from './plain-call.ts';

/** Options of `check`. */
export interface CheckOptions extends CheckClientOptions {
  /**
   * The API that the client speaks.
   * @default found out by a plain call
   */
  readonly dialect?: DialectName | undefined;
  /**
   * Ids of the rows to run.
   * @default all
   */
  readonly only?: readonly string[] | undefined;
  /**
   * Seed of all randomness.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Base folder of relative paths.
   * @default the working directory
   */
  readonly folder?: string | undefined;
  /**
   * Hosts other than this machine that the client may reach.
   * @default []
   */
  readonly allowHosts?: readonly string[] | undefined;
  /**
   * Folder for the scenario and the journal of each row, so that it can be run alone.
   * @default not written
   */
  readonly keep?: string | undefined;
  /**
   * A program between the client and the provider, as in a scenario. Rows then run in real time.
   * @default none
   */
  readonly gateway?: ScenarioInput['gateway'];
  /** Interrupts the check. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the result of each row as it ends. */
  readonly onRow?: ((row: RowResult) => void) | undefined;
  /** Called with what the client prints during its plain call. */
  readonly print?: ((text: string) => void) | undefined;
}

/** Rows in real time mostly wait, so that more of them than there are cores can run side by side. */
const ROWS_IN_REAL_TIME = 8;

/**
 * Puts a client into every situation of the battery, like `quotalab check`. Failed rows are a result, not an error. Throws
 * `check/no-plain-call` for a client that does not even get a plain answer, `check/unknown-row`, `check/bad-client`, and what
 * loading a scenario throws.
 *
 * @example
 * const { passed, rows } = await check('./client.ts');
 * console.log(passed, rows.filter(({ verdict }) => verdict === 'fail').map(({ id, act }) => [id, act]));
 */
export async function check(source: CheckSource, options: CheckOptions = {}): Promise<CheckTable> {
  const { only, seed = 1, folder = '.', signal, onRow, print, allowHosts = [], gateway } = options;
  // Most of a row's time goes into compiling the imports of its thread.
  enableCompileCache?.();
  const selected = selectRows(only);
  const client = await readCheckClient(source, options, folder);
  const settings = { allowHosts, ...(signal && { signal }) };
  // The thread of the first row starts during the plain call.
  const first = { ...settings, print, keepSpareThread: true };
  const plain = await makePlainCall(client, { ...first, dialect: options.dialect, gateway });
  const { dialect, time, weaker } = plain;
  const conditions = { seed, dialect, time, gateway, keep: options.keep };
  const runRow = async (row: CheckRow, alone?: true): Promise<RowOutcome> => {
    const outcome = await checkRow(row, client, { ...conditions, ...(alone && { alone }) }, settings);
    if (signal?.aborted) throw new QuotaLabError('client/interrupted', 'the check was interrupted');
    if (!outcome.again) onRow?.(outcome.result);
    return outcome;
  };
  const outcomes = await sideBySide(selected, parallelRows(time), (row) => runRow(row));
  const rows: RowResult[] = [];
  for (const [index, { result, again }] of outcomes.entries()) {
    rows.push(again ? (await runRow(selected[index]!, true)).result : result);
  }
  const common = { client: client.written, dialect, seed, time, ...(weaker !== undefined && { weaker }) };
  return { ...common, rows, passed: passes(rows) };
}

function parallelRows(time: PlainCall['time']): number {
  // One more than there are cores: its thread starts while another row is judged.
  return time === 'virtual' ? availableParallelism() + 1 : ROWS_IN_REAL_TIME;
}

/** Maps items in order of the list, at most `atOnce` at a time. The first rejection stops new ones. */
async function sideBySide<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index]!);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
