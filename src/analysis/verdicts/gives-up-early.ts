import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { statusByShare } from '../judging/how-much-is-proof.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Evidence, type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, share } from '../judging/verdict-setting.ts';
import { describeOverload } from '../ledger/demand.ts';
import { wasHeld } from '../ledger/late-calls.ts';
import { findLostCalls, type LostCall } from '../ledger/lost-calls.ts';
import { isRejected } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { largest } from '../statistics/extremes.ts';

/**
 * Counts calls that ended without an answer although the limits could have admitted them within 60 s of the call's start, one
 * after another, in addition to everything that was admitted (`backoff.md` 3.9): calls that gave up after a refusal, that failed in
 * the client without an attempt, and that the client never let go (`judge.md` 1).
 */
export const givesUpEarly = defineJudge({
  id: 'gives-up-early',
  question: 'Would waiting longer have succeeded?',
  severity: 'error',
  decidedBy: 'share',
  arrange: 'Set a limit below the load, so that requests are refused.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'share of calls',
  settings: {
    warn: share(0.01, 'warn above this share of calls'),
    fail: share(0.1, 'fail above this share of calls'),
    patience: duration(60_000_000, 'how long after the start of a call its reply is still useful'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of calls`,
  decide(run, { warn, fail, patience }) {
    const lost = findLostCalls(run, patience, toleranceUs(run));
    if (lost.length === 0 && !run.attempts.some(isRejected) && !run.calls.some(wasHeld))
      return notApplicable('No request was refused, and no call was held or lost in the client.');
    const withRoom = lost.filter(({ roomUs }) => roomUs !== undefined);
    const judged = run.calls.filter(({ result }) => result !== 'open').length + lost.filter(neverEnded).length;
    if (judged === 0)
      return { status: 'pass', n: 0, needed: 1, figure: 0, reason: 'No call had ended when the run did.' };
    return {
      n: lost.length,
      needed: 1,
      ...statusByShare(run, withRoom.length, judged, { warn, fail }),
      ...tell(lost, judged, run),
    };
  },
});

const neverEnded = ({ call }: LostCall): boolean => call.result === 'open';

function tell(lost: readonly LostCall[], judged: number, run: Run): Pick<Judgement, 'evidence' | 'reason' | 'advice'> {
  const withRoom = lost.filter(({ roomUs }) => roomUs !== undefined);
  const reason =
    lost.length === 0
      ? `0 of ${judged} calls gave up.`
      : withRoom.length === 0
        ? `${lost.length} of ${judged} calls gave up; the quota could not have admitted any of them in time.${describeOverload(run)}`
        : `${withRoom.length} of ${judged} calls were lost although the quota could have admitted them: ${describeWays(withRoom)}.`;
  return {
    reason,
    evidence: [...Map.groupBy(withRoom, ({ way }) => way).values()]
      .flatMap((all) => all.slice(0, MAX_EVIDENCE))
      .map(evidenceOf),
    advice: adviceFor(withRoom),
  };
}

function describeWays(withRoom: readonly LostCall[]): string {
  return [...Map.groupBy(withRoom, ({ way }) => way)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([way, all]) => WAYS[way](all))
    .join('; ');
}

/** How calls were lost, the more frequent first. */
const WAYS: Readonly<Record<LostCall['way'], (lost: readonly LostCall[]) => string>> = {
  refused(lost) {
    const laterUs = lost.map(({ call, roomUs }) => roomUs! - call.attempts.at(-1)!.endUs).sort((a, b) => a - b);
    const [least, most] = [formatMetric(laterUs[0]!), formatMetric(laterUs.at(-1)!)];
    return `${lost.length} gave up after a refusal, ${least === most ? least : `${least} to ${most}`} too early`;
  },
  'failed in the client': (lost) => `${describeFailures(lost)}, in the client, ${lost.length} times${errorOf(lost)}`,
  held: (lost) => `${lost.length} were held in the client without an attempt, for up to ${longest(lost)}`,
  'never ended': (lost) => `${lost.length} never ended after their last attempt, for up to ${longest(lost)}`,
};

const durationUs = ({ call }: LostCall): number => call.endUs - call.startUs;
const longest = (lost: readonly LostCall[]): string => formatMetric(largest(lost.map(durationUs)));

function describeFailures(lost: readonly LostCall[]): string {
  const mostUs = largest(lost.map(durationUs));
  return mostUs < 1000 ? 'failed at once' : `failed without an attempt within ${formatMetric(mostUs)}`;
}

/** The commonest error, as the client named it. */
function errorOf(lost: readonly LostCall[]): string {
  const messages = Map.groupBy(lost, ({ call }) => call.error?.message ?? '');
  const [message] = [...messages].reduce((most, one) => (one[1].length > most[1].length ? one : most));
  return message === '' ? '' : ` (${message.length > 80 ? `${message.slice(0, 79).trimEnd()}…` : message})`;
}

function adviceFor(withRoom: readonly LostCall[]): string {
  const most = (...ways: readonly LostCall['way'][]): boolean =>
    withRoom.filter(({ way }) => ways.includes(way)).length > withRoom.length / 2;
  if (most('held')) {
    return 'Hold calls no longer than the quota is used up: wait for Retry-After, not for a fixed pause, and give every call a deadline.';
  }
  return most('failed in the client', 'held', 'never ended')
    ? 'Let calls wait for a place in a queue instead of failing them in the client, and give every call a deadline; a breaker or cool-down must end when the quota is back.'
    : 'End calls by a deadline, not by a number of attempts, and queue calls while the quota refills instead of failing them.';
}

function evidenceOf({ call, way, roomUs }: LostCall): Evidence {
  const last = call.attempts.at(-1);
  const took = formatMetric(call.endUs - call.startUs);
  if (way === 'refused' && last) {
    const laterUs = roomUs! - last.endUs;
    return proof(
      last,
      `gave up after ${took}, at attempt ${last.number}; the quota could have admitted it ${formatMetric(laterUs)} later`,
    );
  }
  const roomed = `; the quota could have admitted it ${formatMetric(Math.max(0, roomUs! - call.startUs))} after its start`;
  if (last)
    return proof(last, `open for ${took}, ${formatMetric(call.endUs - last.endUs)} of it after its last attempt`);
  const what =
    call.result === 'open'
      ? `held for ${took} without an attempt`
      : `failed in the client after ${took}, without an attempt`;
  return { call: call.id, attempt: null, atUs: call.startUs, what: what + roomed };
}
