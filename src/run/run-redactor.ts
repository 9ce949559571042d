import { digest } from '../../mock-server/digest.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { secretsInCommand } from '../../mock-server/redaction/hide-in-command.ts';
import { createRedactor, type Redactor, secretValues } from '../../mock-server/redaction/redactor.ts';
import type { AttemptRecord, CallRecord } from '../journal/call-records.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import { clientsOf, providersOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';

/**
 * Creates the redactor of a run. It knows the secrets of its scenario, and of the environment that the client inherits (`env`);
 * the keys that the provider receives are learnt (`openProvider`).
 */
export function createRunRedactor(
  scenario: Scenario,
  env: Readonly<Record<string, string | undefined>> = {},
): Redactor {
  const { gateway } = scenario;
  const clients = clientsOf(scenario).map(({ settings }) => settings);
  return createRedactor([
    ...providersOf(scenario).flatMap(({ settings: { keys } }) => (keys === 'any' ? [] : keys)),
    ...clients.flatMap(({ code }) => (code.kind === 'command' ? secretsInCommand(code.command) : [])),
    ...(gateway ? secretsInCommand(gateway.command) : []),
    ...[env, ...clients.map((client) => client.env), gateway?.env ?? {}, gateway?.headers ?? {}].flatMap(secretValues),
  ]);
}

/** Returns a function that redacts what a client or a gateway says in the records of a run. */
export function redactRecordsWith(redactor: Redactor): (record: JournalRecord) => JournalRecord {
  return (record) => {
    if (record.type === 'call') return redactCall(record, redactor);
    if (record.type === 'attempt') return redactAttempt(record, redactor);
    return record.type === 'second' ? redactSecond(record, redactor) : record;
  };
}

function redactCall(record: CallRecord, redactor: Redactor): CallRecord {
  const { error, job } = record;
  if (error === undefined && job === undefined) return record;
  return {
    ...record,
    ...(error !== undefined && { error: redactor.value(error) }),
    ...(job !== undefined && { job: redactor.name(job, digest) }),
  };
}

/** Texts of an attempt that come from the client, or from a gateway. */
const FOREIGN = ['userAgent', 'model', 'callTag', 'errorType', 'errorCode'] as const;

function redactAttempt(record: AttemptRecord, redactor: Redactor): AttemptRecord {
  const changed = FOREIGN.flatMap((name) => {
    const text = record[name];
    const shown = text === undefined ? undefined : redactor.text(text);
    return shown === text ? [] : [[name, shown]];
  });
  const job = record.job === undefined ? undefined : redactor.name(record.job, digest);
  if (changed.length === 0 && job === record.job) return record;
  return { ...record, ...Object.fromEntries(changed), ...(job !== undefined && { job }) };
}

function redactSecond(record: SecondRecord, redactor: Redactor): SecondRecord {
  const { attempts, calls } = record;
  return {
    ...record,
    ...(attempts && { attempts: attempts.map((group) => redactor.value(group)) }),
    ...(calls && { calls: calls.map((group) => redactor.value(group)) }),
  };
}

/** Returns an error without secrets; the same error if it has none. */
export function redactError(error: unknown, redactor: Redactor): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack = '' } = error;
  const problems = error instanceof QuotaLabError ? redactor.value(error.problems) : [];
  const shown = redactor.text(message);
  const hasSecret =
    shown !== message ||
    redactor.text(stack) !== stack ||
    (error instanceof QuotaLabError && JSON.stringify(problems) !== JSON.stringify(error.problems));
  if (!hasSecret && error.cause === undefined) return error;
  const cause = redactError(error.cause, redactor);
  if (!hasSecret && cause === error.cause) return error;
  const redacted =
    error instanceof QuotaLabError
      ? new QuotaLabError(error.code, shown, { problems, cause })
      : Object.assign(new Error(shown, { cause }), { name: error.name });
  redacted.stack = redactor.text(stack);
  return redacted;
}
