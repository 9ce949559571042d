import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { FULL_JITTER, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { isLegal, type RetryAfterForm, retryAfterForm } from '../judging/retry-after-form.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { duration } from '../judging/verdict-setting.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';

/** How a wait deviates from what its Retry-After requests. */
type Misreading = 'retried at once' | 'first number read as seconds' | 'retried too early' | 'waited far too long';

/** A retry, the form of its Retry-After, and how it was misread. */
interface HeaderReading {
  readonly retry: Retry;
  readonly form: RetryAfterForm;
  readonly wrong: Misreading | undefined;
}

/** A wait longer than this multiple of the client's own backoff is far too long. */
const MAX_BACKOFF_RATIO = 10;
/** A single wait this short cannot be a jittered backoff; longer waits need several samples. */
const INSTANT_US = 5000;

/**
 * Checks the reaction to each form of Retry-After (`backoff.md` 3.3). The client must obey valid forms and fall back to its own
 * backoff for invalid ones.
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
  threshold: ({ tight }) => `warn > 0, fail: any retry within ${formatDuration(tight)} of an invalid Retry-After`,
  decide(run, { tight }) {
    const waits = findRetries(run).filter(({ refused }) => refused.retryAfterRaw !== undefined);
    const unusual = waits.filter(({ refused }) => retryAfterForm(refused) !== 'whole seconds');
    const n = unusual.length;
    if (n === 0) return notApplicable('No retry followed a Retry-After other than whole seconds.');
    const reads = classifyWaits(unusual, run, tight);
    const wrong = reads.filter((read) => read.wrong !== undefined);
    const failed = wrong.some((read) => read.wrong === 'retried at once');
    return {
      status: failed ? 'fail' : wrong.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: wrong.length,
      evidence: wrong.map(({ retry: { refused, gapUs } }) =>
        proof(refused, `Retry-After "${refused.retryAfterRaw}", retried after ${formatDuration(Math.max(0, gapUs))}`),
      ),
      reason: `${wrong.length} of ${n} waits misread Retry-After. ${[...Map.groupBy(reads, ({ form }) => form)].map(([form, own]) => describeForm(form, own)).join('; ')}.`,
      advice:
        'Accept seconds, fractions, milliseconds and dates. For anything else (text, negative, NaN), use your own backoff; comparisons with NaN are always false.',
    };
  },
});

function describeForm(form: RetryAfterForm, reads: readonly HeaderReading[]): string {
  const kinds = [...Map.groupBy(reads, ({ wrong }) => wrong)].map(([wrong, own]) =>
    wrong === undefined ? `${own.length} correct` : `${own.length} ${wrong}`,
  );
  return `${form}: ${kinds.join(', ')}`;
}

function classifyWaits(waits: readonly Retry[], run: Run, tightUs: number): HeaderReading[] {
  const headerless = ownGaps(run).filter(({ before }) => before.retryAfterRaw === undefined);
  const jitter = spreadOf(headerless)?.cv ?? 0;
  const own = new Map(
    [...Map.groupBy(headerless, ({ retry }) => retry)].map(([retry, gaps]) => [
      retry,
      median(gaps.map((gap) => gap.gapUs)),
    ]),
  );
  const tauUs = toleranceUs(run);
  return [...Map.groupBy(waits, ({ refused }) => retryAfterForm(refused))].flatMap(([form, retries]) => {
    const allTight =
      retries.every(({ gapUs }) => gapUs < tightUs) && median(retries.map(({ gapUs }) => gapUs)) < tightUs / 5;
    return retries.map((retry): HeaderReading => {
      const ownUs = jitter > FULL_JITTER ? undefined : own.get(retry.refused.number - 1);
      return {
        retry,
        form,
        wrong: findMisreading(retry, form, { ownUs, tauUs, allTight: allTight && retries.length > 1 }),
      };
    });
  });
}

function findMisreading(
  { refused, gapUs }: Retry,
  form: RetryAfterForm,
  { ownUs, tauUs, allTight }: { ownUs: number | undefined; tauUs: number; allTight: boolean },
): Misreading | undefined {
  const requestedUs = refused.retryAfterUs ?? 0;
  if (isLegal(form)) return gapUs < requestedUs - tauUs ? 'retried too early' : undefined;
  if (allTight || gapUs <= INSTANT_US || (ownUs !== undefined && gapUs < 0.5 * ownUs - tauUs)) return 'retried at once';
  const prefixUs = Number.parseFloat(refused.retryAfterRaw ?? '') * 1e6;
  const near = (us: number): boolean => Math.abs(gapUs - us) <= Math.max(tauUs, 0.02 * us);
  if (form === 'duration' && prefixUs > 0 && near(prefixUs) && !(ownUs !== undefined && near(ownUs)))
    return 'first number read as seconds';
  return ownUs !== undefined && gapUs > MAX_BACKOFF_RATIO * ownUs ? 'waited far too long' : undefined;
}
