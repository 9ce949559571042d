import { formatApart, formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { followsMessages } from '../judging/followed-hints.ts';
import { type HintedWait, hintedWaits, isReadable } from '../judging/hinted-waits.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { NO_JITTER } from '../judging/own-gaps.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isRejected } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { mean } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/** A retry after a refusal that requested a wait in a form that can be read. */
interface RequestedWait extends HintedWait {
  readonly meantUs: number;
}

const settings = {
  failCount: number(2, 'fail from this many early retries; in virtual time one is proof'),
  failShare: share(0.1, 'fail from this share of early retries; in virtual time one is proof'),
};

/**
 * Checks that the client waits for at least Retry-After (`backoff.md` 3.1), in every form that a strict or lenient reader can
 * read. A retry is early if gap < Retry-After − tau. A pass says how varied the waits were, because a client that always sleeps
 * 1 s obeys `1` by accident.
 */
export const ignoresRetryAfter = defineJudge({
  id: 'ignores-retry-after',
  question: 'Does it wait for at least Retry-After?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Set a limit below the load, so that requests are refused.',
  about: 'calls',
  // Without the end of a reply, waits look longer than they were, so a wait that looks too short is too short.
  needs: { durations: 'to-pass', 'inner-attempts': 'to-pass' },
  unit: 'share of retries',
  settings,
  threshold: ({ failCount, failShare }) =>
    `warn > 0, fail ≥ ${failCount} and ≥ ${failShare * 100} %; in virtual time ≥ 1`,
  decide(run, { failCount, failShare }) {
    const retries = hintedWaits(run).filter(
      (told): told is RequestedWait => (told.meantUs ?? 0) > 0 && isReadable(told),
    );
    if (retries.length === 0) return notApplicable(whyNotApplicable(run));
    const tauUs = toleranceUs(run);
    const early = retries.filter(({ gapUs, meantUs }) => gapUs < meantUs - tauUs);
    if (early.length === 0) return obeyed(retries, tauUs);
    const enough = isExact(run) || (early.length >= failCount && early.length / retries.length >= failShare);
    const byMessage = followsMessages(run, tauUs);
    return { status: enough ? 'fail' : 'warn', needed: 1, ...judgeViolations(retries, early, byMessage) };
  },
});

function whyNotApplicable(run: Run): string {
  return run.attempts.some(isRejected)
    ? 'No refusal with Retry-After was followed by a retry.'
    : 'No request was refused.';
}

function judgeViolations(
  retries: readonly RequestedWait[],
  early: readonly RequestedWait[],
  byMessage: boolean,
): Omit<Judgement, 'status' | 'needed'> {
  const ignoredFromUs = early.reduce((least, { meantUs }) => Math.min(least, meantUs), Infinity);
  // Every wait shorter than the shortest ignored wait was obeyed.
  const kept = retries.filter(({ meantUs }) => meantUs < ignoredFromUs);
  const obeyedUpToUs = kept.reduce((most, { meantUs }) => Math.max(most, meantUs), 0);
  const [form, ...otherForms] = new Set(early.map((one) => one.form));
  const isOneForm = otherForms.length === 0 && !PLAIN.has(form!);
  // A few waits, and those in a form that the client cannot read, may be long enough by accident.
  const isHabit = kept.length >= OBEYED_NEEDED && !isOneForm;
  const obeyed = isHabit ? `; it obeyed waits up to ${formatMetric(obeyedUpToUs)}` : '';
  const inBody = early.some(({ hint }) => hint.source === 'retry-info');
  return {
    n: retries.length,
    figure: early.length / retries.length,
    evidence: topBy(early, ({ meantUs, gapUs }) => meantUs - gapUs, MAX_EVIDENCE).map(
      ({ refused, hint, form, meantUs, gapUs }) => {
        const [meant, gap] = formatApart(meantUs, Math.max(0, gapUs));
        const written = PLAIN.has(form) ? '' : ` ("${hint.raw}")`;
        return proof(refused, `requested wait ${meant}${written}, retried after ${gap}`);
      },
    ),
    reason:
      `${early.length} of ${retries.length} retries came earlier than ${inBody ? 'RetryInfo' : 'Retry-After'}. ` +
      `Shortest ignored wait: ${formatMetric(ignoredFromUs)}${obeyed}.${byMessage ? ` ${READS_MESSAGE}` : ''}`,
    advice: inBody
      ? 'Read retryDelay of google.rpc.RetryInfo in the body of a 429 and wait at least that long before the next attempt.'
      : adviceFor(early),
  };
}

function adviceFor(early: readonly RequestedWait[]): string {
  if (early.every(({ form }) => form === 'date')) {
    return 'Read Retry-After, also where it is an HTTP date, and wait until then: Number(date) and parseInt(date) are NaN.';
  }
  if (early.every(({ form, meantUs, gapUs }) => form === 'fraction' && gapUs >= Math.floor(meantUs / 1e6) * 1e6)) {
    return 'Read Retry-After as a decimal number and round it up: parseInt("2.5") is 2.';
  }
  return 'Read Retry-After (and retry-after-ms) of a 429 and wait at least that long before the next attempt.';
}

/** The reading that explains such waits: the provider rounds the wait in the header up, and that in the message not. */
const READS_MESSAGE = 'It reads the wait in the message of the error ("try again in 1.2s"), not the header.';

/** Forms whose text says nothing more than the wait. */
const PLAIN: ReadonlySet<string> = new Set(['whole seconds', 'milliseconds']);

const OBEYED_NEEDED = 3;
const EXACT_NEEDED = 10;

/** Root mean square of (wait − Retry-After) / Retry-After (`backoff.md` 3.5, retry-after-jitter). */
function typicalExcess(retries: readonly RequestedWait[]): number {
  const squares = retries.map(({ gapUs, meantUs }) => ((gapUs - meantUs) / meantUs) ** 2);
  return Math.sqrt(mean(squares));
}

function obeyed(retries: readonly RequestedWait[], tauUs: number): Judgement {
  const longestUs = retries.reduce((most, { meantUs }) => Math.max(most, meantUs), 0);
  const exact = retries.length >= EXACT_NEEDED && typicalExcess(retries) < NO_JITTER;
  const n = retries.length;
  const all = n === 1 ? 'The one retry' : `All ${n} retries`;
  const noLonger = exact ? ', and no longer (see synchronised-herd)' : '';
  const reason = `${all} waited for Retry-After${noLonger}${describeVariety(retries, longestUs, tauUs)}.`;
  return { status: 'pass', n, needed: 1, figure: 0, reason };
}

/** Says how varied the requested waits were, and whether a pause of one length would have passed too. */
function describeVariety(retries: readonly RequestedWait[], longestUs: number, tauUs: number): string {
  const values = new Set(retries.map(({ meantUs }) => meantUs)).size;
  const shortest = retries.reduce((least, { gapUs }) => Math.min(least, gapUs), Infinity);
  const longest = formatMetric(longestUs);
  const varied =
    values === 1
      ? `, ${retries.length === 1 ? '' : 'all of '}${longest}`
      : `, ${values} different waits up to ${longest}`;
  const isFixed = shortest >= longestUs - tauUs;
  return isFixed ? `${varied}: a fixed pause of ${longest} would look the same` : varied;
}
