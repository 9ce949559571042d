import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { FULL_JITTER, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { formOf, isLegal, type RetryAfterForm } from '../judging/retry-after-form.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { duration } from '../judging/verdict-setting.ts';
import { type Retry, retriesOf } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';

/** What is wrong with how a wait was read. */
type Misreading = 'tight retry' | 'prefix read as seconds' | 'not read' | 'waits far too long';

/** A wait after a form of the header. */
interface Read {
  readonly retry: Retry;
  readonly form: RetryAfterForm;
  readonly wrong: Misreading | undefined;
}

const OVER = 10;
/** One wait as short as this is no backoff that anybody draws; of longer ones it takes several. */
const INSTANT_US = 5000;

/**
 * What does it do with each form of Retry-After? (`backoff.md` 3.3.) After a form that is not legal the right answer is the
 * client's own backoff; legal ones it has to read.
 */
export const misreadsRetryAfter = defineJudge({
  id: 'misreads-retry-after',
  question: 'Does it understand every form of Retry-After?',
  severity: 'warn',
  about: 'calls',
  unit: 'waits misread',
  settings: { tight: duration(100_000, 'a wait below this is no backoff') },
  threshold: ({ tight }) => `warn > 0, fail: any retry within ${formatDuration(tight)} of a form it cannot read`,
  decide(run, { tight }) {
    const told = retriesOf(run).filter(({ refused }) => refused.retryAfterRaw !== undefined);
    const unusual = told.filter(({ refused }) => formOf(refused) !== 'whole seconds');
    const n = unusual.length;
    if (n === 0) return neverArose('No refusal told its wait in any form but whole seconds.');
    const reads = readingsOf(unusual, run, tight);
    const wrong = reads.filter((read) => read.wrong !== undefined);
    const failed = wrong.some((read) => read.wrong === 'tight retry');
    return {
      status: failed ? 'fail' : wrong.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: wrong.length,
      evidence: wrong.map(({ retry: { refused, gapUs } }) =>
        proof(refused, `told "${refused.retryAfterRaw}", came back after ${formatDuration(Math.max(0, gapUs))}`),
      ),
      reason: [...Map.groupBy(reads, ({ form }) => form)].map(([form, own]) => accountOf(form, own)).join('; ') + '.',
      advice:
        'Read seconds, fractions, milliseconds and dates; fall back to your own backoff for what is none of these, negative or not a number: comparisons with NaN are always false.',
    };
  },
});

function accountOf(form: RetryAfterForm, reads: readonly Read[]): string {
  const kinds = [...Map.groupBy(reads, ({ wrong }) => wrong)].map(([wrong, own]) =>
    wrong === undefined ? `${own.length} right` : `${own.length} ${wrong}`,
  );
  return `${form}: ${kinds.join(', ')}`;
}

function readingsOf(told: readonly Retry[], run: Run, tightUs: number): Read[] {
  const headerless = ownGaps(run).filter(({ before }) => before.retryAfterRaw === undefined);
  const jitter = spreadOf(headerless)?.cv ?? 0;
  const own = new Map(
    [...Map.groupBy(headerless, ({ retry }) => retry)].map(([retry, gaps]) => [
      retry,
      median(gaps.map((gap) => gap.gapUs)),
    ]),
  );
  const tauUs = toleranceUs(run);
  return [...Map.groupBy(told, ({ refused }) => formOf(refused))].flatMap(([form, retries]) => {
    const allTight =
      retries.every(({ gapUs }) => gapUs < tightUs) && median(retries.map(({ gapUs }) => gapUs)) < tightUs / 5;
    return retries.map((retry): Read => {
      const ownUs = jitter > FULL_JITTER ? undefined : own.get(retry.refused.number - 1);
      return {
        retry,
        form,
        wrong: misreading(retry, form, { ownUs, tauUs, allTight: allTight && retries.length > 1 }),
      };
    });
  });
}

function misreading(
  { refused, gapUs }: Retry,
  form: RetryAfterForm,
  { ownUs, tauUs, allTight }: { ownUs: number | undefined; tauUs: number; allTight: boolean },
): Misreading | undefined {
  const toldUs = refused.retryAfterUs ?? 0;
  if (isLegal(form)) return gapUs < toldUs - tauUs ? 'not read' : undefined;
  if (allTight || gapUs <= INSTANT_US || (ownUs !== undefined && gapUs < 0.5 * ownUs - tauUs)) return 'tight retry';
  const prefixUs = Number.parseFloat(refused.retryAfterRaw ?? '') * 1e6;
  const near = (us: number): boolean => Math.abs(gapUs - us) <= Math.max(tauUs, 0.02 * us);
  if (form === 'duration' && prefixUs > 0 && near(prefixUs) && !(ownUs !== undefined && near(ownUs)))
    return 'prefix read as seconds';
  return ownUs !== undefined && gapUs > OVER * ownUs ? 'waits far too long' : undefined;
}
