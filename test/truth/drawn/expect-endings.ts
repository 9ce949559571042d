import type { Call } from '../../../src/analysis/run/run-view.ts';
import { type DrawnClient, type Ending, mostAttempts } from './client-value.ts';
import { byFigure, type Expectation, type Seen } from './seen.ts';

const repeated = ({ gaps }: Seen, ...endings: Ending[]): number =>
  gaps.filter(({ ending }) => endings.includes(ending)).length;

/** The same request again after an ending that stays. */
export function expectNonRetryable(seen: Seen): Expectation {
  const { repeats, hedgeAfterMs } = seen.client;
  if (hedgeAfterMs !== null) return 'open';
  const repeatsThem = repeats.includes('rejected') || repeats.includes('spent') || repeats.includes('too-large');
  if (repeated(seen, 'rejected', 'spent') > 0) return 'fault';
  return repeatsThem ? 'open' : 'clean';
}

export function expectImpossible(seen: Seen): Expectation {
  if (!seen.client.repeats.includes('too-large')) return seen.client.hedgeAfterMs === null ? 'clean' : 'open';
  return repeated(seen, 'too-large') >= 2 ? 'fault' : 'open';
}

/** A call that was never answered came back as a success, or half an answer as a whole one. */
export function expectSwallows(seen: Seen): Expectation {
  const { client, run, endingOf } = seen;
  const lies = run.calls.filter(
    ({ result, attempts }) =>
      result === 'ok' && attempts.length > 0 && attempts.every((attempt) => endingOf(attempt) !== 'answered'),
  );
  if (client.givesUpWith === 'an error' && client.brokenStream !== 'deliver') return 'clean';
  return lies.length > 0 ? 'fault' : 'open';
}

/** The text of a broken stream reached the caller, and then the whole answer as well. */
export function expectReplays({ client, run, endingOf }: Seen): Expectation {
  if (client.hedgeAfterMs !== null) return 'open';
  // Half an answer may follow another half whose text was lost on the way.
  if (client.brokenStream === 'deliver') return 'open';
  if (client.brokenStream !== 'replay') return 'clean';
  const replayed = run.calls.filter(
    ({ result, attempts, outputSize }) =>
      result === 'ok' &&
      attempts.length > 1 &&
      attempts.some(({ sentChars = 0 }) => sentChars > 0) &&
      // What a broken connection took with it never reached the caller.
      (outputSize ?? 0) > (attempts.at(-1)!.answerChars ?? 0) &&
      endingOf(attempts.at(-1)!) === 'answered',
  );
  return replayed.length > 0 ? 'fault' : 'open';
}

/** Calls whose first attempt met one of these endings, and those that ended there. */
function surfaced({ run, endingOf }: Seen, endings: readonly Ending[]): { met: Call[]; ended: Call[] } {
  const met = run.calls.filter(
    ({ result, attempts }) => result !== 'open' && attempts[0] !== undefined && endings.includes(endingOf(attempts[0])),
  );
  return { met, ended: met.filter(({ result, attempts }) => result === 'error' && attempts.length === 1) };
}

/** Something of the client other than its list of endings may end a call after one attempt. */
function mayEndEarly({ attempts, gate, deadlineMs, givesUpWith, hedgeAfterMs }: DrawnClient): boolean {
  const local = gate.kind === 'breaker' || gate.kind === 'cool-down';
  return attempts === 1 || local || deadlineMs !== null || givesUpWith !== 'an error' || hedgeAfterMs !== null;
}

/** Faults of the server that pass, an unreadable answer among them. */
const PASSING: readonly Ending[] = ['overloaded', 'failed', 'unreadable'];

export function expectOverloadFatal(seen: Seen): Expectation {
  const { client } = seen;
  const { met, ended } = surfaced(seen, PASSING);
  if (met.length === 0) return 'clean';
  if (mayEndEarly(client)) return 'open';
  if (PASSING.every((ending) => client.repeats.includes(ending))) return 'clean';
  return ended.length > 0 ? 'fault' : 'open';
}

export function expectGivesUpOnReset(seen: Seen): Expectation {
  const { client, run } = seen;
  const resets = run.calls.filter(({ attempts }) => attempts[0]?.outcome === 'reset' && !attempts[0].sentChars);
  if (client.repeats.includes('broken')) {
    const streams = run.attempts.some(({ sentChars = 0 }) => sentChars > 0);
    return mayEndEarly(client) || streams ? 'open' : 'clean';
  }
  if (mayEndEarly(client)) return 'open';
  const ended = resets.filter(({ result, attempts }) => result === 'error' && attempts.length === 1);
  return ended.length > 0 ? 'fault' : 'open';
}

const MINUTE_US = 60_000_000;

/** Nothing but silence, for ten minutes; or for more than one attempt may take. */
export function expectNoDeadline({ client, run }: Seen): Expectation {
  const { timeoutMs, deadlineMs } = client;
  const silent = run.calls.filter(
    ({ attempts, result }) =>
      result !== 'ok' &&
      attempts.length > 0 &&
      attempts.every(({ headersUs, outcome }) => headersUs === undefined && outcome !== 'reset'),
  );
  const lasted = silent.map(({ startUs, endUs }) => endUs - startUs);
  const longest = Math.max(0, ...run.calls.map(({ startUs, endUs }) => endUs - startUs));
  if (deadlineMs !== null && (timeoutMs === null || deadlineMs <= 1.5 * timeoutMs)) return 'clean';
  if (timeoutMs === null)
    return Math.max(0, ...lasted) > 10.5 * MINUTE_US ? 'fault' : longest < MINUTE_US ? 'clean' : 'open';
  const timesOut = silent.filter(({ startUs, endUs }) => endUs - startUs > 1.6 * timeoutMs * 1000);
  if (timesOut.length > 0) return 'fault';
  return run.attempts.some(({ outcome }) => outcome === 'aborted') || longest > MINUTE_US ? 'open' : 'clean';
}

export function expectHedges({ client, run }: Seen): Expectation {
  if (client.hedgeAfterMs === null) return 'clean';
  const sending = run.calls.filter(({ attempts }) => attempts.length > 0);
  const twice = sending.filter(({ attempts }) =>
    attempts.some((attempt, index) => index > 0 && attempt.startUs < attempts[index - 1]!.endUs - 2000),
  );
  return twice.length / Math.max(1, sending.length) > 0.04 ? 'fault' : 'open';
}

/** Tokens that were paid for and thrown away by the client: answers that it ended, and second copies. */
export function expectWaste({ client, run }: Seen): Expectation {
  const tokensOf = ({ promptTokens = 0, completionTokens = 0 }: Seen['run']['attempts'][number]): number =>
    promptTokens + completionTokens;
  const paid = run.attempts.reduce((sum, attempt) => sum + tokensOf(attempt), 0);
  const ended = run.attempts
    .filter(({ outcome }) => outcome === 'aborted')
    .reduce((sum, attempt) => sum + tokensOf(attempt), 0);
  if (client.hedgeAfterMs === null && client.timeoutMs === null && client.deadlineMs === null) {
    return run.attempts.some(({ sentChars }) => sentChars !== undefined) && client.brokenStream !== 'surface'
      ? 'open'
      : 'clean';
  }
  if (paid === 0) return 'clean';
  return byFigure(ended / paid, 0.01, 0.08);
}

const AMBIGUOUS = new Set([502, 504]);

/** A key that changes within a call, where the request before may have succeeded. */
export function expectWithoutKey({ client, run }: Seen): Expectation {
  if (client.idempotencyKey !== 'changing') return 'clean';
  const again = run.calls.some(({ attempts }) =>
    attempts.some(
      ({ outcome, status }, index) =>
        index + 1 < attempts.length && (outcome === 'reset' || outcome === 'aborted' || AMBIGUOUS.has(status)),
    ),
  );
  return again ? 'fault' : 'open';
}

/** More attempts than were configured. */
export function expectHides({ client, world, run }: Seen): Expectation {
  const setting = world.verdicts['hides-retries'];
  const configured = typeof setting === 'object' ? Number(setting.attempts) : 0;
  if (configured === 0 || mostAttempts(client) <= configured) return 'clean';
  return run.calls.some(({ attempts }) => attempts.length > configured) ? 'fault' : 'open';
}
