import { Temporal } from 'temporal-polyfill';
import { attribute, callsByAttempt, type Group } from '../attribution/attribute.ts';
import { callRecordOf } from '../attribution/call-record.ts';
import { endOf } from '../attribution/ending.ts';
import {
  type AttemptRecord,
  type HeaderRecord,
  JOURNAL_VERSION,
  type JoinedBy,
  type JournalRecord,
  type Skipped,
} from '../journal/record.ts';
import { observedScenario } from '../scenario/observed-scenario.ts';
import { resolveProvider } from '../scenario/resolve-provider.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { missingFacts, resolutionOf } from './missing-facts.ts';
import { type Seen, sightOf } from './seen.ts';

/** What a recording is called, and what is asked of it. */
export interface JournalFrame {
  readonly tool: string;
  readonly file: string;
  readonly format: string;
  readonly entries: number;
  readonly leftOut: readonly Skipped[];
  readonly notes: readonly string[];
  /** Which thresholds and verdicts count, of a scenario that says so. */
  readonly asked?: Pick<Scenario, 'thresholds' | 'verdicts'> | undefined;
}

/**
 * A journal of what was recorded: a call for each group of attempts that belong together, and every attempt. `seen` is in
 * order of start and not empty.
 */
export function journalOf(seen: readonly Seen[], frame: JournalFrame): JournalRecord[] {
  const startedUs = seen[0]!.startUs;
  const endUs = seen.reduce((last, one) => Math.max(last, endOf(one)), startedUs) - startedUs;
  const groups = attribute(seen);
  const callOf = callsByAttempt(groups);
  const attempts = seen.map((one, index) => attemptOf(one, index + 1, startedUs, callOf.get(one)));
  const calls = groups.map((group, index) => callRecordOf(group.attempts, index + 1, startedUs, endUs));
  return [headerOf(seen, groups, frame), ...calls, ...attempts, { type: 'end', endUs }];
}

/** Attempts of one call that a key or a count has joined sent one request, by what these mean. */
const SAME_REQUEST: readonly JoinedBy[] = ['idempotency', 'retry-count', 'body-hash'];

function attemptOf(
  one: Seen,
  id: number,
  startedUs: number,
  call: { readonly id: number; readonly by: JoinedBy } | undefined,
): AttemptRecord {
  const same = call && SAME_REQUEST.includes(call.by) ? `call-${call.id}` : `attempt-${id}`;
  return {
    type: 'attempt',
    id,
    call: call?.id ?? null,
    joinedBy: call?.by ?? 'none',
    startUs: one.startUs - startedUs,
    ...(one.headersUs !== undefined && { headersUs: one.headersUs - startedUs }),
    endUs: endOf(one) - startedUs,
    outcome: one.outcome,
    ...sightOf(one),
    bodyHash: one.bodyHash ?? same,
  };
}

function headerOf(seen: readonly Seen[], groups: readonly Group<Seen>[], frame: JournalFrame): HeaderRecord {
  const { tool, file, format, entries, leftOut, notes } = frame;
  const startedUs = seen[0]!.startUs;
  return {
    type: 'header',
    version: JOURNAL_VERSION,
    tool,
    seed: 1,
    time: 'wall',
    scenario: scenarioOf(seen, frame),
    generated: { at: Temporal.Instant.fromEpochMilliseconds(Math.floor(startedUs / 1000)).toString(), startedUs },
    recorded: {
      format,
      file,
      entries,
      leftOut,
      hosts: [...new Set(seen.flatMap(({ host }) => host ?? []))].sort(),
      missing: missingFacts(seen, groups),
      resolutionUs: resolutionOf(seen),
      notes,
    },
  };
}

/** Nothing but names: no load, no limits, and a client of which nothing is known. */
function scenarioOf(seen: readonly Seen[], { asked }: JournalFrame): Scenario {
  const agents = [...new Set(seen.flatMap(({ userAgent }) => userAgent ?? []))];
  const more = agents.length > 3 ? ` and ${agents.length - 3} more` : '';
  const models = [...new Set(seen.flatMap(({ model }) => model ?? []))].sort();
  return observedScenario({
    // Not the file's: recordings of two days are to be compared.
    name: 'recorded traffic',
    client: agents.length === 0 ? 'not named' : agents.slice(0, 3).join(', ') + more,
    startUs: seen[0]!.startUs,
    provider: { ...resolveProvider({}, 1), limits: [], faults: [] },
    call: { model: models.slice(0, 3).join(', '), stream: seen.some(({ stream }) => stream) },
    asked,
  });
}
