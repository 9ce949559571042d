import type { CarelessReading } from '../../../mock-server/dialects/wait-hint.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { formatMetric } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { followsMessages, followsResets } from '../judging/followed-hints.ts';
import { type HeaderReading, type Misreading, readHeaders } from '../judging/header-readings.ts';
import { explain, type HintedWait, isEarly, resetWaits } from '../judging/hinted-waits.ts';
import { statusByInstance } from '../judging/how-much-is-proof.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { isLegal } from '../judging/retry-after-form.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import type { Judgement } from '../judging/verdict.ts';
import { duration } from '../judging/verdict-setting.ts';
import type { Run } from '../run/run-view.ts';
import { largest, smallest } from '../statistics/extremes.ts';

/**
 * Checks the reaction to each form of Retry-After (`backoff.md` 3.3), and names the one reading that explains all waits. The
 * client must obey forms that can be read and fall back to its own backoff for others. A client that follows no hint at all
 * misreads none: see ignores-retry-after.
 */
export const misreadsRetryAfter = defineJudge({
  id: 'misreads-retry-after',
  question: 'Does it understand every form of Retry-After?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set retryAfter to another form, such as http-date, and a limit below the load.',
  about: 'calls',
  needs: WAIT_FACTS,
  unit: 'waits misread',
  settings: { tight: duration(100_000, 'a shorter wait counts as an immediate retry') },
  threshold: ({ tight }) => `fail > 0 (invalid Retry-After: a retry within ${formatDuration(tight)})`,
  decide(run, { tight }) {
    const reads = readHeaders(run, tight);
    const wrong = reads.filter((read) => read.wrong !== undefined);
    const unusual = reads.filter(({ told }) => !isPlain(told));
    if (ignoresPlainHints(run, reads) && !wrong.some(({ told, wrong: how }) => !isLegal(told.form) || isNamed(how))) {
      return notApplicable('It follows no Retry-After in whole seconds either: see ignores-retry-after.');
    }
    if (wrong.some(isMisread)) return misread(run, reads, wrong);
    if (unusual.length === 0) return judgeResets(run);
    const decided = unusual.filter(({ unclear }) => !unclear);
    return decided.length > 0 ? readRight(run, unusual) : unread(unusual);
  },
});

/** Whether the text is in the form that everybody reads. */
const isPlain = ({ form, hint }: HintedWait): boolean =>
  form === 'whole seconds' || form === 'milliseconds' || (form === 'fraction' && hint.source === 'retry-info');

/** Whether a known reading explains the wait. */
const isNamed = (wrong: HeaderReading['wrong']): boolean =>
  wrong !== undefined && wrong !== 'not read' && wrong !== 'retried at once' && wrong !== 'waited far too long';

/** Plain hints that were merely not obeyed are no misreading. */
const isMisread = ({ told, wrong }: HeaderReading): boolean =>
  wrong !== undefined && (!isPlain(told) || isNamed(wrong));

/** Whether the plain hints were obeyed by none of the retries after them, and no misreading explains that. */
function ignoresPlainHints(run: Run, reads: readonly HeaderReading[]): boolean {
  const plain = reads.filter(({ told }) => isPlain(told));
  const tauUs = toleranceUs(run);
  return plain.length > 0 && plain.every(({ told, wrong }) => !isNamed(wrong) && isEarly(told, tauUs));
}

function misread(run: Run, reads: readonly HeaderReading[], wrong: readonly HeaderReading[]): Judgement {
  const shown = reads.filter(({ told, wrong: how }) => how !== undefined || !isPlain(told));
  const n = shown.length;
  const inBody = wrong.every(({ told }) => told.hint.source === 'retry-info');
  return {
    status: statusByInstance(run, wrong.length, n),
    n,
    needed: 1,
    figure: wrong.length,
    evidence: wrong.map(evidenceOf),
    reason: `${wrong.length} of ${n} waits misread ${inBody ? 'RetryInfo' : 'Retry-After'}. ${describeForms(shown)}${mayBeOwnPause(run, wrong) ? ' (or a pause of its own, which would look the same)' : ''}.`,
    advice: inBody
      ? 'Read retryDelay of google.rpc.RetryInfo as seconds with decimals and an s ("1.5s"). For anything else, use your own backoff.'
      : adviceFor(wrong),
  };
}

/** What to change for the one reading that explains the waits. */
const READING_ADVICE: Partial<Record<Misreading, string>> = {
  'leading digits only': 'Read the whole text: parseInt stops at the first character that is not a digit.',
  'number as milliseconds': 'Multiply Retry-After by 1000 where you pass it to a timer: it is in seconds.',
  'milliseconds as seconds': 'Divide retry-after-ms by 1000 where you need seconds: it is in milliseconds.',
  'relative as epoch': 'Add Retry-After to the current time: digits are seconds from now, not a date.',
  'epoch as relative': 'Subtract the current time from a Retry-After that is a time since 1970.',
  'date by a parser that takes a year':
    'Look for a number before you parse a date: Date.parse takes a number for a year.',
  'clock not taken from date': "Subtract the reply's Date header from a Retry-After date, not your own clock.",
};

function adviceFor(wrong: readonly HeaderReading[]): string {
  const [only, ...more] = new Set(wrong.map((read) => read.wrong));
  const named = more.length === 0 && only !== undefined ? READING_ADVICE[only] : undefined;
  if (named !== undefined) return named;
  const legal = 'Accept seconds, fractions, milliseconds and dates.';
  const other =
    'Use your own backoff where Retry-After has passed or cannot be read (text, negative, NaN). Comparisons with NaN are always false, and setTimeout(NaN) fires at once.';
  const isReadable = ({ told: { form } }: HeaderReading): boolean => isLegal(form) && form !== 'past date';
  if (!wrong.some(isReadable)) return other;
  return wrong.every(isReadable) ? legal : `${legal} ${other}`;
}

/** Whether one reading is named from waits of one length. */
function mayBeOwnPause(run: Run, wrong: readonly HeaderReading[]): boolean {
  const gaps = wrong.map(({ told }) => told.gapUs);
  const named = wrong.every(({ wrong: how }) => isNamed(how));
  return named && largest(gaps) - smallest(gaps) <= toleranceUs(run);
}

function evidenceOf({ told: { refused, hint, gapUs }, wrong }: HeaderReading): ReturnType<typeof proof> {
  const name = {
    'retry-info': 'RetryInfo',
    'retry-after-ms': 'retry-after-ms',
    'retry-after': 'Retry-After',
    reset: 'reset',
    message: 'message',
  };
  const waited = `retried after ${formatMetric(Math.max(0, gapUs))}`;
  const as = isNamed(wrong) ? `: ${wrong}` : '';
  return proof(refused, `${name[hint.source]} "${hint.raw}", ${waited}${as}`);
}

function describeForms(reads: readonly HeaderReading[]): string {
  return [...Map.groupBy(reads, ({ told }) => told.form)].map(([form, own]) => describeForm(form, own)).join('; ');
}

function describeForm(form: string, reads: readonly HeaderReading[]): string {
  const kinds = [
    ...Map.groupBy(reads, ({ wrong, unclear }) => wrong ?? (unclear ? 'longer, perhaps not read' : 'correct')),
  ];
  return `${form}: ${kinds.map(([kind, own]) => `${own.length} ${kind}`).join(', ')}`;
}

/** Misreadings that the waits do not rule out. They predict the same waits for the values that were sent. */
function describeAlike(run: Run, reads: readonly HeaderReading[]): string {
  const alike = explain(
    reads.map(({ told }) => told),
    toleranceUs(run),
  ).map(({ reading }) => reading);
  const relevant = alike.filter((reading) => concerns(reading, reads));
  return relevant.length === 0 ? '' : ` These values look the same to other readings: ${relevant.join(', ')}.`;
}

/** Readings that a form may be subject to: a reader of leading digits is no question for a date. */
function concerns(reading: CarelessReading, reads: readonly HeaderReading[]): boolean {
  const forms = new Set(reads.map(({ told }) => told.form));
  if (reading === 'leading digits only') return forms.has('fraction') || forms.has('duration');
  if (reading === 'clock not taken from date') return forms.has('date');
  return reading === 'sign lost' && forms.has('negative');
}

function readRight(run: Run, unusual: readonly HeaderReading[]): Judgement {
  const n = unusual.length;
  const reason = `0 of ${n} waits misread Retry-After. ${describeForms(unusual)}.${describeAlike(run, unusual)}`;
  return { status: 'pass', n, needed: 1, figure: 0, reason };
}

function unread(unusual: readonly HeaderReading[]): Judgement {
  const n = unusual.length;
  return {
    ...inconclusive(
      n,
      1,
      `All ${n} waits were much longer than requested, so they may not follow Retry-After. ${describeForms(unusual)}.`,
      'Request waits that are longer than the own backoff of the client, and that differ.',
    ),
    figure: 0,
    evidence: unusual.map(evidenceOf),
  };
}

/** Judges the waits for the reset of a limit where no Retry-After was sent. A client that follows none misreads none. */
function judgeResets(run: Run): Judgement {
  const resets = resetWaits(run);
  const tauUs = toleranceUs(run);
  const [best] = explain(resets, tauUs).filter(({ differs, values }) => differs && values > 1);
  const n = resets.length;
  if (best) {
    const wrong = resets.map((told): HeaderReading => ({ told, wrong: best.reading, unclear: false }));
    return {
      status: statusByInstance(run, n, n),
      n,
      needed: 1,
      figure: n,
      evidence: wrong.map(evidenceOf),
      reason: `${n} of ${n} waits misread the reset of the limit: ${best.reading}.`,
      advice: 'Read the whole duration (6m0s, 500ms, 1.5s), and wait for Retry-After where it is sent.',
    };
  }
  if (!followsResets(resets, tauUs)) {
    const reads = followsMessages(run, tauUs) ? ' It reads the wait in the message of the error.' : '';
    return notApplicable(`No retry followed a Retry-After other than whole seconds.${reads}`);
  }
  return { status: 'pass', n, needed: 1, figure: 0, reason: `0 of ${n} waits misread the reset of the limit.` };
}
