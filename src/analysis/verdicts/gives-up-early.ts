import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { above, type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { duration, number, share } from '../judging/verdict-setting.ts';
import { isRejected } from '../run/attempts.ts';
import { createReplay } from '../run/replay.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/** A call that gave up, and when it would have got in. */
interface Recoverable {
  readonly call: Call;
  readonly last: Attempt;
  readonly admittedUs: number;
}

/**
 * Would patience have paid? Of the calls that ended in an error right after a refusal, those count that the limits had
 * room for within 60 s of the call's start, one after another, beside all that was really admitted (`backoff.md` 3.9).
 */
export const givesUpEarly = defineJudge({
  id: 'gives-up-early',
  question: 'Would more patience have paid?',
  severity: 'error',
  about: 'calls',
  unit: 'share of calls',
  settings: {
    warn: share(0.01, 'share of calls above which it warns'),
    fail: share(0.1, 'share of calls above which it fails'),
    patience: duration(60_000_000, "how long after its start a call's answer is still of use"),
    needed: number(5, 'calls that must have given up'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of calls`,
  decide(run, { warn, fail, patience, needed }) {
    const failed = run.calls.filter(gaveUp).sort((a, b) => a.endUs - b.endUs);
    const ended = run.calls.filter(({ result }) => result !== 'open').length;
    const n = failed.length;
    if (!run.attempts.some(isRejected)) return neverArose('Nothing was refused.');
    if (n < needed && n > ended * warn) {
      const reason = `${n} of ${ended} calls gave up after a refusal; ${needed} are needed to judge.`;
      return tooLittle(n, needed, reason, 'Run longer, or with more load.');
    }
    const recoverable = recover(failed, run, patience);
    const part = ended === 0 ? 0 : recoverable.length / ended;
    return { status: above(part, warn, fail), n, needed, figure: part, ...account(recoverable, n, ended) };
  },
});

function gaveUp({ result, attempts }: Call): boolean {
  const last = attempts.at(-1);
  return result === 'error' && last !== undefined && isRejected(last);
}

function account(
  recoverable: readonly Recoverable[],
  failed: number,
  ended: number,
): Pick<Decision, 'evidence' | 'reason' | 'advice'> {
  const longerUs = recoverable.map(({ last, admittedUs }) => admittedUs - last.endUs).sort((a, b) => a - b);
  const reason =
    failed === 0
      ? `None of ${ended} calls gave up after a refusal.`
      : recoverable.length === 0
        ? `${failed} of ${ended} calls gave up after a refusal; the quota had no room for any of them in time.`
        : `${recoverable.length} of ${ended} calls gave up although the quota had room for them ` +
          `${formatDuration(longerUs[0]!)} to ${formatDuration(longerUs.at(-1)!)} later.`;
  const advice =
    'Let a deadline end a call rather than a count of attempts, and queue calls instead of failing them while the quota refills.';
  return { evidence: recoverable.slice(0, MOST_EVIDENCE).map(evidenceOf), reason, advice };
}

/** Gives failed calls, in the order in which they gave up, the first room that nobody used. */
function recover(failed: readonly Call[], run: Run, patienceUs: number): Recoverable[] {
  if (failed.length === 0) return [];
  const replay = createReplay(run);
  return failed.flatMap((call) => {
    const last = call.attempts.at(-1)!;
    const admittedUs = replay.place(last, call.startUs + patienceUs);
    return admittedUs === undefined ? [] : [{ call, last, admittedUs }];
  });
}

function evidenceOf({ call, last, admittedUs }: Recoverable): ReturnType<typeof proof> {
  return proof(
    last,
    `gave up ${formatDuration(call.endUs - call.startUs)} after its start, at attempt ${last.number}; ` +
      `${formatDuration(admittedUs - last.endUs)} more and it would have got in`,
  );
}
