import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { judgeRow, type RowResult } from '../check/judge-row.ts';
import type { CheckRow } from '../check/row.ts';
import { type CheckConditions, scenarioOf, whyLeftOut } from '../check/row-scenario.ts';
import { isTooSlow, tooSlowResult } from '../check/too-slow.ts';
import { isWriteError } from '../files/write-error.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import { type JournalPlace, journalIn } from '../journal/journal-place.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { type CheckClient, clientFrom } from './check-client.ts';
import { loadCheckedScenario } from './load-checked-scenario.ts';
import { type PlainCall, timeSetting } from './plain-call.ts';
import { type FinishedRun, type RunSettings, runOnce } from './run-once.ts';
import { repeatWithNextSeed } from './second-seed.ts';

/** What the limits of a row leave unsaid is meant so. */
const UNSAID = { notes: false };

/** The conditions of all rows of a check. */
export interface RowConditions {
  readonly seed: number;
  readonly dialect: DialectName;
  readonly time: PlainCall['time'];
  /** Whether the row runs by itself, and slower, since the machine was too slow for several at once. */
  readonly alone?: true;
  readonly gateway: ScenarioInput['gateway'];
  /** Folder for scenarios and journals. */
  readonly keep: string | undefined;
}

/**
 * Errors that are a result of the row, not of the tool, since the client has made a plain call before: its verdicts tell more. A
 * program may well end without a result where it gets no answer.
 */
const JUDGED_ANYWAY = new Set(['client/never-resolves', 'client/no-requests', 'client/no-results']);
/** Errors after which a row is run in real time. */
const NEEDS_REAL_TIME = new Set([
  'client/outside-virtual-time',
  'client/outside-scaled-time',
  'client/faketime-fails',
  'client/scaled-time-lost',
]);

/** What one run of a row came to. */
export interface RowOutcome {
  readonly result: RowResult;
  /** Whether the row should run again by itself: the machine was too slow, so that the result may be the machine's. */
  readonly again: boolean;
}

/**
 * Runs one row and judges it. A client that crashes fails the row. With `alone`, a row of which the machine is still too slow is
 * undecided. Throws `client/interrupted`, `journal/not-writable` and `report/not-writable`.
 */
export async function checkRow(
  row: CheckRow,
  client: CheckClient,
  conditions: RowConditions,
  settings: RunSettings,
): Promise<RowOutcome> {
  const { seed, dialect, time, alone = false, gateway } = conditions;
  const shared: CheckConditions = { client: client.client, dialect, seed, time: timeSetting(time, alone), gateway };
  const leftOut = whyLeftOut(row, shared);
  if (leftOut !== undefined) return withoutRun(row, 'not-applicable', '', `Left out: ${leftOut}.`);
  try {
    const { scenario, journal } = await prepare(row, client, shared, conditions.keep);
    const finished = await runOnce(scenario, settings, journal);
    const failure = finished.failure;
    if (failure && !(failure instanceof QuotaLabError && JUDGED_ANYWAY.has(failure.code))) throw failure;
    const result = await judge(row, scenario, finished, settings);
    if (!isTooSlow(row, finished.run, result)) return { result, again: false };
    return alone ? { result: tooSlowResult(result, finished.run), again: false } : { result, again: true };
  } catch (error) {
    if (!(error instanceof QuotaLabError) || error.code === 'client/interrupted' || isWriteError(error)) throw error;
    if (time === 'wall' || !NEEDS_REAL_TIME.has(error.code)) {
      return withoutRun(row, 'fail', error.code, `${error.message}.`);
    }
    const { result, again } = await checkRow(row, client, { ...conditions, time: 'wall' }, settings);
    return { result: { ...result, weaker: `ran in real time: ${error.message}` }, again };
  }
}

async function judge(
  row: CheckRow,
  scenario: Scenario,
  finished: FinishedRun,
  settings: RunSettings,
): Promise<RowResult> {
  const { analysis } = await repeatWithNextSeed(scenario, { ...finished, failure: undefined }, settings);
  return judgeRow(row, finished.run, analysis);
}

/** Loads the scenario of a row, from its file if it is kept, so that running the file gives the same. */
async function prepare(
  row: CheckRow,
  client: CheckClient,
  shared: CheckConditions,
  keep: string | undefined,
): Promise<{ readonly scenario: Scenario; readonly journal?: JournalPlace }> {
  if (keep === undefined) {
    return { scenario: await loadCheckedScenario(scenarioOf(row, shared), { folder: client.folder }, UNSAID) };
  }
  const folder = resolve(keep, row.id);
  ensureWritable(folder);
  const text = stringify(scenarioOf(row, { ...shared, client: clientFrom(client, folder) }));
  const [file] = writeFiles(folder, [['scenario.yaml', text]]);
  return { scenario: await loadCheckedScenario(file!, {}, UNSAID), journal: journalIn(folder) };
}

function withoutRun(
  { id, situation, passes }: CheckRow,
  verdict: RowResult['verdict'],
  decidedBy: string,
  reason: string,
): RowOutcome {
  const act = verdict === 'fail' ? passes : '';
  return { result: { id, situation, did: 'no result', verdict, decidedBy, reason, act, evidence: [] }, again: false };
}
