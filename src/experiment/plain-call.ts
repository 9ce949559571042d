import { DIALECT_NAMES, type DialectName } from '../../mock-server/dialects/dialects.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { plainCallScenario } from '../check/row-scenario.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import type { CheckClient } from './check-client.ts';
import { loadCheckedScenario } from './load-checked-scenario.ts';
import { type RunSettings, recordRun } from './run-once.ts';

/** Where and how a client made a plain call. */
export interface PlainCall {
  readonly dialect: DialectName;
  readonly time: 'virtual' | 'scaled' | 'wall';
  /** Why not in virtual time. */
  readonly weaker?: string;
}

interface Failure {
  readonly reason: string;
  readonly sentRequests: boolean;
  /** Whether another dialect cannot change it. */
  readonly final: boolean;
  readonly cause?: QuotaLabError;
}

/** Errors of a client that runs in real time only. */
const LEAVES_VIRTUAL_TIME = new Set(['client/outside-virtual-time', 'client/busy']);
const CANNOT_BE_SCALED = new Set([
  'client/no-faketime',
  'client/faketime-fails',
  'client/outside-scaled-time',
  'scenario/invalid',
]);
/** Another dialect changes nothing about these. */
const FINAL = new Set(['client/no-default-export', 'client/no-export', 'client/missing-packages']);

/** Real seconds pass as this many; more would stretch the start of a program too far. */
const SPEED = 10;

/** Returns the `time:` of a scenario; `slower`: one in which everything has twice the time. */
export function timeSetting(time: PlainCall['time'], slower = false): ScenarioInput['time'] {
  return time === 'scaled' ? { scaled: slower ? SPEED / 2 : SPEED } : time;
}

/**
 * Lets the client make one plain call, and finds out which dialect it speaks and in which kind of time it runs. Throws
 * `check/no-plain-call` with the reason, if no dialect gets it an answer.
 */
export async function makePlainCall(
  client: CheckClient,
  {
    dialect,
    gateway,
    ...settings
  }: RunSettings & { readonly dialect?: DialectName | undefined; readonly gateway?: ScenarioInput['gateway'] },
): Promise<PlainCall> {
  const given = dialect ?? client.dialect;
  const [first, ...others] = given === undefined ? DIALECT_NAMES : [given];
  const tried = await tryDialect(client, first!, settings, gateway);
  if ('dialect' in tried) return tried;
  const more = tried.final ? [] : await Promise.all(others.map((name) => tryDialect(client, name, settings, gateway)));
  const found = more.find((result) => 'dialect' in result);
  if (found) return found;
  const failures = [tried, ...more.filter((result) => 'reason' in result)];
  const told = failures.find(({ sentRequests }) => sentRequests) ?? tried;
  throw new QuotaLabError('check/no-plain-call', `the client cannot make a plain call: ${told.reason}`, {
    problems: told.cause?.problems ?? [
      {
        path: '',
        message: 'nothing was refused, and no fault was injected',
        ...(given === undefined && { hint: `tried as ${DIALECT_NAMES.join(', ')}; --dialect names one` }),
      },
    ],
  });
}

async function tryDialect(
  client: CheckClient,
  dialect: DialectName,
  settings: RunSettings,
  gateway: ScenarioInput['gateway'],
): Promise<PlainCall | Failure> {
  const isProgram = client.client.command !== undefined;
  const attempt = (time: PlainCall['time']) => callOnce(client, dialect, time, settings, gateway);
  if (gateway) return withReason(await attempt('wall'), dialect, 'wall', 'a gateway runs in real time');
  if (!isProgram) {
    const failure = await attempt('virtual');
    if (!failure) return { dialect, time: 'virtual' };
    if (!LEAVES_VIRTUAL_TIME.has(failure.cause?.code ?? '')) return failure;
    return withReason(await attempt('wall'), dialect, 'wall', `it runs in real time: ${failure.reason}`);
  }
  const failure = await attempt('scaled');
  const scaled = `a program runs on real sockets, with clocks ${SPEED} times as fast`;
  if (!failure || !CANNOT_BE_SCALED.has(failure.cause?.code ?? ''))
    return withReason(failure, dialect, 'scaled', scaled);
  return withReason(await attempt('wall'), dialect, 'wall', `a program runs in real time, since ${failure.reason}`);
}

function withReason(
  failure: Failure | undefined,
  dialect: DialectName,
  time: PlainCall['time'],
  weaker: string,
): PlainCall | Failure {
  return failure ?? { dialect, time, weaker };
}

/** Makes the call; undefined if it was answered. */
async function callOnce(
  { client, folder }: CheckClient,
  dialect: DialectName,
  time: PlainCall['time'],
  settings: RunSettings,
  gateway: ScenarioInput['gateway'],
): Promise<Failure | undefined> {
  try {
    const conditions = { client, dialect, time: timeSetting(time), gateway };
    const scenario = await loadCheckedScenario(plainCallScenario(conditions), { folder }, { notes: false });
    const { records, clientError } = await recordRun(scenario, settings);
    return failureIn(records, clientError);
  } catch (error) {
    if (!(error instanceof QuotaLabError) || error.code === 'client/interrupted') throw error;
    return failureOf(error);
  }
}

function failureOf(cause: QuotaLabError): Failure {
  return { reason: cause.message, sentRequests: false, final: FINAL.has(cause.code), cause };
}

function failureIn(records: readonly JournalRecord[], clientError: Error | undefined): Failure | undefined {
  if (clientError instanceof QuotaLabError) return failureOf(clientError);
  const attempts = records.filter((record) => record.type === 'attempt');
  const [call] = records.filter((record) => record.type === 'call');
  const sentRequests = attempts.length > 0;
  if (call?.result === 'ok' && attempts.some(({ status, outcome }) => status < 300 && outcome === 'response')) {
    return undefined;
  }
  const said = call?.error && `${call.error.name}: ${call.error.message}`;
  const statuses = [...new Set(attempts.map(({ status }) => status))].join(', ');
  const reason =
    said ??
    (sentRequests
      ? `its requests were answered ${statuses}`
      : call?.result === 'ok'
        ? 'it sent no request to the mock; does it read OPENAI_BASE_URL, or the variable of its dialect?'
        : 'its call did not end within a minute');
  return { reason, sentRequests, final: false };
}
