import { formatDuration } from '../../../mock-server/duration.ts';
import { isRejected } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import { createReplay } from '../replay.ts';
import type { Attempt, Call, Run } from '../run-view.ts';
import type { Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 1 %, fail > 10 % of calls';
const FAILED_NEEDED = 5;
/** How long a call may be expected to be patient, from its start. */
const PATIENCE_US = 60_000_000;

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
export const givesUpEarly: Judge = {
  id: 'gives-up-early',
  question: 'Would more patience have paid?',
  defaultSeverity: 'error',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const failed = run.calls.filter(gaveUp).sort((a, b) => a.endUs - b.endUs);
    const ended = run.calls.filter(({ result }) => result !== 'open').length;
    const common = { unit: 'share of calls', threshold: THRESHOLD, n: failed.length, needed: FAILED_NEEDED };
    if (!run.attempts.some(isRejected))
      return undecided('not-applicable', { ...common, reason: 'Nothing was refused.' });
    if (failed.length < FAILED_NEEDED && failed.length > ended * 0.01) {
      const reason = `${failed.length} of ${ended} calls gave up after a refusal; ${FAILED_NEEDED} are needed to judge.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Run longer, or with more load.' });
    }
    return { ...common, ...verdictOn(failed, ended, run) };
  },
};

function gaveUp({ result, attempts }: Call): boolean {
  const last = attempts.at(-1);
  return result === 'error' && last !== undefined && isRejected(last);
}

function verdictOn(
  failed: readonly Call[],
  ended: number,
  run: Run,
): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const recoverable = recover(failed, run);
  const share = ended === 0 ? 0 : recoverable.length / ended;
  const status = share > 0.1 ? 'fail' : share > 0.01 ? 'warn' : 'pass';
  const longerUs = recoverable.map(({ last, admittedUs }) => admittedUs - last.endUs).sort((a, b) => a - b);
  const reason =
    failed.length === 0
      ? `None of ${ended} calls gave up after a refusal.`
      : recoverable.length === 0
        ? `${failed.length} of ${ended} calls gave up after a refusal; the quota had no room for any of them in time.`
        : `${recoverable.length} of ${ended} calls gave up although the quota had room for them ` +
          `${formatDuration(longerUs[0]!)} to ${formatDuration(longerUs.at(-1)!)} later.`;
  return {
    status,
    figure: share,
    evidence: status === 'pass' ? [] : recoverable.slice(0, 10).map(evidenceOf),
    reason,
    advice:
      status === 'pass'
        ? ''
        : 'Let a deadline end a call rather than a count of attempts, and queue calls instead of failing them while the quota refills.',
  };
}

/** Gives failed calls, in the order in which they gave up, the first room that nobody used. */
function recover(failed: readonly Call[], run: Run): Recoverable[] {
  const replay = createReplay(run);
  return failed.flatMap((call) => {
    const last = call.attempts.at(-1)!;
    const admittedUs = replay.place(last, call.startUs + PATIENCE_US);
    return admittedUs === undefined ? [] : [{ call, last, admittedUs }];
  });
}

function evidenceOf({ call, last, admittedUs }: Recoverable): Finding['evidence'][number] {
  return {
    call: call.id,
    attempt: last.id,
    atUs: last.startUs,
    what:
      `gave up ${formatDuration(call.endUs - call.startUs)} after its start, at attempt ${last.number}; ` +
      `${formatDuration(admittedUs - last.endUs)} more and it would have got in`,
  };
}
