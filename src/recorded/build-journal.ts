import { Temporal } from 'temporal-polyfill';
import { createCallRecord } from '../attribution/call-record.ts';
import { endOf } from '../attribution/ending.ts';
import { type CallAttempts, callsByAttempt, groupByCall } from '../attribution/group-by-call.ts';
import type { AttemptRecord, JoinedBy } from '../journal/call-records.ts';
import { type HeaderRecord, JOURNAL_VERSION, type JournalRecord, type Skipped } from '../journal/record.ts';
import { observedScenario } from '../scenario/observed-scenario.ts';
import { resolveProvider } from '../scenario/resolve-provider.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { findMissingFacts, finestResolutionUs } from './missing-facts.ts';
import { type RecordedAttempt, toProviderView } from './recorded-attempt.ts';

/** The metadata of a recording. */
export interface RecordingInfo {
  readonly tool: string;
  readonly file: string;
  readonly format: string;
  readonly entries: number;
  readonly leftOut: readonly Skipped[];
  readonly notes: readonly string[];
  /** Thresholds and verdict settings of a scenario, if set. */
  readonly checks?: Pick<Scenario, 'thresholds' | 'verdicts'> | undefined;
}

/**
 * Builds the journal of a recording: all its attempts, and a call for each group of attempts that belong together.
 * `attempts` must be in order of start and not empty.
 */
export function buildJournal(attempts: readonly RecordedAttempt[], info: RecordingInfo): JournalRecord[] {
  const startedUs = attempts[0]!.startUs;
  const endUs = attempts.reduce((last, attempt) => Math.max(last, endOf(attempt)), startedUs) - startedUs;
  const groups = groupByCall(attempts);
  const callOf = callsByAttempt(groups);
  const records = attempts.map((attempt, index) => createAttempt(attempt, index + 1, startedUs, callOf.get(attempt)));
  const calls = groups.map((group, index) => createCallRecord(group.attempts, index + 1, startedUs, endUs));
  return [createHeader(attempts, groups, info), ...calls, ...records, { type: 'end', endUs }];
}

/** Rungs that prove that the attempts of a call sent the same request. */
const SAME_REQUEST: readonly JoinedBy[] = ['idempotency', 'retry-count', 'body-hash'];

function createAttempt(
  attempt: RecordedAttempt,
  id: number,
  startedUs: number,
  call: { readonly id: number; readonly by: JoinedBy } | undefined,
): AttemptRecord {
  const bodyHash = call && SAME_REQUEST.includes(call.by) ? `call-${call.id}` : `attempt-${id}`;
  return {
    type: 'attempt',
    id,
    call: call?.id ?? null,
    joinedBy: call?.by ?? 'none',
    startUs: attempt.startUs - startedUs,
    ...(attempt.headersUs !== undefined && { headersUs: attempt.headersUs - startedUs }),
    endUs: endOf(attempt) - startedUs,
    outcome: attempt.outcome,
    ...toProviderView(attempt),
    bodyHash: attempt.bodyHash ?? bodyHash,
  };
}

function createHeader(
  attempts: readonly RecordedAttempt[],
  groups: readonly CallAttempts<RecordedAttempt>[],
  info: RecordingInfo,
): HeaderRecord {
  const { tool, file, format, entries, leftOut, notes } = info;
  const startedUs = attempts[0]!.startUs;
  return {
    type: 'header',
    version: JOURNAL_VERSION,
    tool,
    seed: 1,
    time: 'wall',
    scenario: createScenario(attempts, info),
    generated: { at: Temporal.Instant.fromEpochMilliseconds(Math.floor(startedUs / 1000)).toString(), startedUs },
    recorded: {
      format,
      file,
      entries,
      leftOut,
      hosts: [...new Set(attempts.flatMap(({ host }) => host ?? []))].sort(),
      missing: findMissingFacts(attempts, groups),
      resolutionUs: finestResolutionUs(attempts),
      notes,
    },
  };
}

/** A scenario with names only: no load, no limits, an unknown client. */
function createScenario(attempts: readonly RecordedAttempt[], { checks }: RecordingInfo): Scenario {
  const agents = [...new Set(attempts.flatMap(({ userAgent }) => userAgent ?? []))];
  const more = agents.length > 3 ? ` and ${agents.length - 3} more` : '';
  const models = [...new Set(attempts.flatMap(({ model }) => model ?? []))].sort();
  return observedScenario({
    // Not the name of the file, so that recordings of two days can be compared.
    name: 'recorded traffic',
    client: agents.length === 0 ? 'not named' : agents.slice(0, 3).join(', ') + more,
    startUs: attempts[0]!.startUs,
    provider: { ...resolveProvider({}, 1), limits: [], faults: [] },
    call: { model: models.slice(0, 3).join(', '), stream: attempts.some(({ stream }) => stream) },
    checks,
  });
}
