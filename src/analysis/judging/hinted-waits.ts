import {
  CARELESS_READINGS,
  type CarelessReading,
  type HintSource,
  meantWaitUs,
  type Reading,
  readWaitUs,
  type WaitHint,
} from '../../../mock-server/dialects/wait-hint.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import { isRepeatable } from '../run/repeatable.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { type RetryAfterForm, retryAfterForm } from './retry-after-form.ts';

/** A retry after a refusal that said how long to wait. */
export interface HintedWait extends Retry {
  readonly hint: WaitHint;
  readonly form: RetryAfterForm;
  /** The wait that the sender meant, 0 for a moment that has passed; undefined for text without meaning. */
  readonly meantUs: number | undefined;
}

/** Retries that the client sent after it had the refusal: an earlier one is no answer to it. */
const answers = (run: Run): readonly Retry[] =>
  findRetries(run).filter((retry) => retry.gapUs >= 0 && concernsSameLimit(retry));

/** Another model may have another limit, unless the limit that refused is known to apply to both. */
function concernsSameLimit({ refused, next }: Retry): boolean {
  if (refused.model === next.model || refused.model === undefined || next.model === undefined) return true;
  return refused.deniedBy !== undefined && next.limits.some(({ limit }) => limit === refused.deniedBy);
}

/** Returns the retries after a refusal that requested a wait, by Retry-After or what stands in its place. */
export const hintedWaits = memoizeByRun((run): readonly HintedWait[] =>
  answers(run).flatMap((retry) => {
    const { retryAfterRaw, retryAfterUs, retryAfterSource: source = 'retry-after' } = retry.refused;
    return retryAfterRaw === undefined
      ? []
      : [hintedWait(run, retry, source, sourceText(source, retryAfterRaw, retryAfterUs), retryAfterUs)];
  }),
);

/** Returns the retries after a refusal whose only hint was the reset of its limit. Nobody has to follow it. */
export const resetWaits = memoizeByRun((run): readonly HintedWait[] =>
  answers(run).flatMap((retry) => {
    const { resetRaw, resetUs } = retry.refused;
    return resetRaw === undefined ? [] : [hintedWait(run, retry, 'reset', resetRaw, resetUs)];
  }),
);

/** Returns the retries after a refusal whose message states a wait of its own. Nobody has to read it. */
export const messageWaits = memoizeByRun((run): readonly HintedWait[] =>
  answers(run).flatMap((retry) => {
    const { messageWaitUs } = retry.refused;
    return messageWaitUs === undefined
      ? []
      : [hintedWait(run, retry, 'message', `${messageWaitUs / 1000}ms`, messageWaitUs)];
  }),
);

/** Where `retry-after` was sent beside `retry-after-ms`, the journal holds the text of the former. */
function sourceText(source: HintSource, raw: string, us: number | undefined): string {
  return source === 'retry-after-ms' && us !== undefined && us > 0 ? String(us / 1000) : raw;
}

function hintedWait(run: Run, retry: Retry, source: HintSource, raw: string, statedUs: number | undefined): HintedWait {
  const hint = { source, raw, ...sentTime(run, retry.refused) };
  const meantUs = statedUs ?? meantWaitUs(hint);
  return { ...retry, hint, form: retryAfterForm(source, raw, meantUs), meantUs };
}

function sentTime({ header }: Run, { headersUs, endUs, dateSkewUs = 0 }: Attempt): Pick<WaitHint, 'sentUs' | 'skewUs'> {
  const startUs = isRepeatable(header.time) ? header.scenario.startUs : header.generated.startedUs;
  return { sentUs: startUs + (headersUs ?? endUs) + dateSkewUs, skewUs: dateSkewUs };
}

/** Returns the wait that a reader takes from the hint; undefined if it finds none and falls back to its own pause. */
export function predictedUs({ hint, form, meantUs }: HintedWait, reading: Reading): number | undefined {
  if (form === 'date' && reading === 'clock not taken from date') return Math.max(0, (meantUs ?? 0) + hint.skewUs);
  const readUs = readWaitUs(hint, reading);
  // The sender counted from when it decided, a little before it sent the head.
  return readUs === meantWaitUs(hint) ? meantUs : readUs;
}

/** Returns whether a strict or lenient reader takes from the hint what the sender meant. */
export function isReadable(told: HintedWait): boolean {
  const { meantUs } = told;
  return meantUs !== undefined && (predictedUs(told, 'strict') === meantUs || predictedUs(told, 'lenient') === meantUs);
}

/** A retry this soon after the refusal was not delayed at all. */
export const AT_ONCE_US = 5000;
/** The share of a wait by which a timer or a rounded figure may differ. */
const NEAR = 0.02;

/** Returns whether a wait is the predicted one. */
export function isNear(gapUs: number, predicted: number, tauUs: number): boolean {
  if (predicted <= AT_ONCE_US) return gapUs <= Math.max(AT_ONCE_US, predicted + tauUs);
  return Math.abs(gapUs - predicted) <= Math.max(tauUs, NEAR * predicted);
}

/** Returns whether the client retried before the moment that the sender meant. */
export function isEarly({ gapUs, meantUs }: HintedWait, tauUs: number): boolean {
  return meantUs !== undefined && gapUs < meantUs - tauUs;
}

/** A careless reading that explains every wait of a run that it reads anything in. */
export interface Explanation {
  readonly reading: CarelessReading;
  /** Different waits that it predicts. One alone may be the client's own pause. */
  readonly values: number;
  /** Whether it predicts, for a wait that it explains, something else than the sender meant. */
  readonly differs: boolean;
}

/** Returns the careless readings that explain every one of these waits, the one with most different predictions first. */
export function explain(told: readonly HintedWait[], tauUs: number): readonly Explanation[] {
  return CARELESS_READINGS.flatMap((reading): Explanation[] => {
    const read = told.flatMap((one) => {
      const us = predictedUs(one, reading);
      return us === undefined ? [] : [{ one, us }];
    });
    if (read.length === 0 || !read.every(({ one, us }) => isNear(one.gapUs, us, tauUs))) return [];
    const differs = read.some(({ one, us }) => one.meantUs === undefined || !isNear(one.meantUs, us, tauUs));
    return [
      {
        reading,
        values: countDifferent(
          read.map(({ us }) => us),
          tauUs,
        ),
        differs,
      },
    ];
  }).sort((a, b) => b.values - a.values);
}

/** A prediction this many times longer or shorter than what was meant is no accident of jitter. */
const FAR = 10;
/** Waits from which a misreading with jitter on top is told. */
const MIN_SPREAD = 3;

/**
 * Returns the careless reading that explains every wait, up to the longest that the client follows, with up to as much again on
 * top, where it predicts something far from what was meant and the meaning itself, with the same on top, explains none.
 */
export function explainWithJitter(told: readonly HintedWait[], tauUs: number): Explanation | undefined {
  const fits = (gapUs: number, us: number): boolean =>
    us > AT_ONCE_US && gapUs >= leastUs(us, tauUs) && gapUs <= (1 + WIDE_JITTER) * us + tauUs;
  const reading = CARELESS_READINGS.find((one) => {
    const read = told.map(({ gapUs, meantUs = 0, ...rest }) => {
      const us = predictedUs({ gapUs, meantUs, ...rest }, one) ?? 0;
      const isFar = us > FAR * meantUs || us * FAR < meantUs;
      return { us, meantUs, explained: isFar && fits(gapUs, us) && !fits(gapUs, meantUs) };
    });
    const explained = read.filter((wait) => wait.explained);
    // After a hint that demands no wait, waits around one value may be the client's own backoff.
    const predicted = explained.map(({ us }) => us);
    if (explained.every(({ meantUs }) => meantUs <= 0) && countDifferent(predicted, tauUs) < 2) return false;
    const longestUs = explained.reduce((most, { us }) => Math.max(most, us), 0);
    return explained.length >= MIN_SPREAD && read.every((wait) => wait.explained || wait.us > longestUs);
  });
  return reading && { reading, values: MIN_SPREAD, differs: true };
}

/** Counts the values that differ by more than a wait may. */
export function countDifferent(values: readonly number[], tauUs: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.filter((value, index) => index === 0 || !isNear(value, sorted[index - 1]!, tauUs)).length;
}

/** The least wait that counts as one of `meantUs`. */
export const leastUs = (meantUs: number, tauUs: number): number => meantUs - Math.max(tauUs, NEAR * meantUs);

/** Jitter on top of a requested wait, as a share of it, of a client that was never early and waits differently. */
export const WIDE_JITTER = 1;
