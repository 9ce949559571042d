import { formatDuration } from '../../../mock-server/duration.ts';
import { isAdmitted } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import type { Call, Run } from '../run-view.ts';
import type { Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 5, fail > 10, or ≥ 8 and still trying at the end';
const WARN = 5;
const FAIL = 10;
const STILL_TRYING = 8;

/**
 * Is there an end to trying? (`backoff.md` 3.8.) The most attempts that one call made, and calls that had not given up when
 * the run ended. To pass, a call must have been seen giving up.
 */
export const unboundedRetries: Judge = {
  id: 'unbounded-retries',
  question: 'Is there an end to trying?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const retried = run.calls.filter(({ attempts }) => attempts.length > 1);
    const gaveUp = run.calls.filter(({ result, attempts }) => result === 'error' && attempts.length > 0);
    const common = { unit: 'attempts in one call', threshold: THRESHOLD, n: gaveUp.length, needed: 1 };
    if (retried.length === 0) {
      if (gaveUp.length > 0) return { ...common, ...ended(1) };
      return undecided('not-applicable', { ...common, reason: 'No call needed a second attempt.' });
    }
    const longest = retried.reduce((most, call) => (call.attempts.length > most.attempts.length ? call : most));
    const stuck = retried.filter(({ result, attempts }) => result === 'open' && attempts.length >= STILL_TRYING);
    const most = longest.attempts.length;
    if (stuck.length > 0 || most > WARN) return { ...common, ...without(longest, stuck) };
    if (gaveUp.length > 0) return { ...common, ...ended(most) };
    return undecided('inconclusive', {
      ...common,
      reason: `No call made more than ${most} attempts, but none had to give up: nobody has seen the end.`,
      advice: 'Let a fault or a shut limit last for longer than the client is patient.',
    });
  },
};

type Decided = Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'>;

function ended(most: number): Decided {
  const times = most === 1 ? 'one attempt' : `${most} attempts`;
  return {
    status: 'pass',
    figure: most,
    evidence: [],
    reason: `Calls gave up after ${times} at the most.`,
    advice: '',
  };
}

function without(longest: Call, stuck: readonly Call[]): Decided {
  const most = longest.attempts.length;
  const trying = stuck.length === 0 ? '' : `; ${stuck.length} calls were still trying when the run ended`;
  return {
    status: most > FAIL || stuck.length > 0 ? 'fail' : 'warn',
    figure: most,
    evidence: [longest, ...stuck.filter((call) => call !== longest)].slice(0, 10).map(evidenceOf),
    reason: `One call made ${most} attempts${trying}.`,
    advice: 'Give a call a deadline, or three to five attempts: beyond that nobody waits for the answer any more.',
  };
}

function evidenceOf(call: Call): Finding['evidence'][number] {
  const last = call.attempts.at(-1)!;
  const lasted = formatDuration(last.endUs - call.startUs);
  const end = isAdmitted(last) ? 'was answered' : call.result === 'open' ? 'had not ended' : 'failed';
  const what = `${call.attempts.length} attempts in ${lasted}, and ${end}`;
  return { call: call.id, attempt: last.id, atUs: last.startUs, what };
}
