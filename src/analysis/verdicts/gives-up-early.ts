import { formatDuration } from '../../../mock-server/duration.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number, share } from '../judging/verdict-setting.ts';
import { isRejected } from '../run/attempts.ts';
import { createReplay } from '../run/replay.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/** A call that gave up, and when the limits could have admitted it. */
interface Recoverable {
  readonly call: Call;
  readonly last: Attempt;
  readonly admittedUs: number;
}

/**
 * Counts calls that failed right after a refusal although the limits could have admitted them within 60 s of the call's start,
 * one after another, in addition to everything that was admitted (`backoff.md` 3.9).
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
    needed: number(5, 'minimum calls that gave up'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of calls`,
  decide(run, { warn, fail, patience, needed }) {
    const failed = run.calls.filter(gaveUp).sort((a, b) => a.endUs - b.endUs);
    const ended = run.calls.filter(({ result }) => result !== 'open').length;
    const n = failed.length;
    if (!run.attempts.some(isRejected)) return notApplicable('No request was refused.');
    if (n < needed && n > ended * warn) {
      const reason = `${n} of ${ended} calls gave up after a refusal; ${needed} are needed.`;
      return inconclusive(n, needed, reason, 'Run longer or with more load.');
    }
    const recoverable = recover(failed, run, patience);
    const recoverableShare = ended === 0 ? 0 : recoverable.length / ended;
    return {
      status: above(recoverableShare, warn, fail),
      n,
      needed,
      figure: recoverableShare,
      ...summarize(recoverable, n, ended),
    };
  },
});

function gaveUp({ result, attempts }: Call): boolean {
  const last = attempts.at(-1);
  return result === 'error' && last !== undefined && isRejected(last);
}

function summarize(
  recoverable: readonly Recoverable[],
  failed: number,
  ended: number,
): Pick<Judgement, 'evidence' | 'reason' | 'advice'> {
  const longerUs = recoverable.map(({ last, admittedUs }) => admittedUs - last.endUs).sort((a, b) => a - b);
  const reason =
    failed === 0
      ? `0 of ${ended} calls gave up after a refusal.`
      : recoverable.length === 0
        ? `${failed} of ${ended} calls gave up after a refusal; the quota could not have admitted any of them in time.`
        : `${recoverable.length} of ${ended} calls gave up although the quota could have admitted them ` +
          `${formatDuration(longerUs[0]!)} to ${formatDuration(longerUs.at(-1)!)} later.`;
  const advice =
    'End calls by a deadline, not by a number of attempts, and queue calls while the quota refills instead of failing them.';
  return { evidence: recoverable.slice(0, MAX_EVIDENCE).map(evidenceOf), reason, advice };
}

/** Assigns unused quota to failed calls in the order in which they gave up. */
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
    `gave up after ${formatDuration(call.endUs - call.startUs)}, at attempt ${last.number}; ` +
      `the quota could have admitted it ${formatDuration(admittedUs - last.endUs)} later`,
  );
}
