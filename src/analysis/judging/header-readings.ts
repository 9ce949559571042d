import type { CarelessReading } from '../../../mock-server/dialects/wait-hint.ts';
import type { Run } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';
import {
  AT_ONCE_US,
  type Explanation,
  explain,
  explainWithJitter,
  type HintedWait,
  hintedWaits,
  isEarly,
  isNear,
  predictedUs,
} from './hinted-waits.ts';
import { FULL_JITTER, ownGaps, spreadOf } from './own-gaps.ts';
import { isLegal } from './retry-after-form.ts';
import { toleranceUs } from './tolerance.ts';

/** How a wait deviates from what the hint before it means: by a known misreading, or only by its length. */
export type Misreading = CarelessReading | 'not read' | 'retried at once' | 'waited far too long';

/** A retry, how its hint was misread, and whether the wait may have nothing to do with the hint. */
export interface HeaderReading {
  readonly told: HintedWait;
  readonly wrong: Misreading | undefined;
  /** The wait is as long as the hint demands, and so much longer that the hint may not have been read. */
  readonly unclear: boolean;
}

/** A wait longer than this multiple of the client's own backoff is far too long. */
const MAX_BACKOFF_RATIO = 10;
/** A wait longer than this multiple of the requested one may not follow it. */
const MAX_JITTER_RATIO = 1.5;

/** Compares every retry with what its hint means. Hints in whole seconds count as read if the client waited at all. */
export function readHeaders(run: Run, tightUs: number): readonly HeaderReading[] {
  const tauUs = toleranceUs(run);
  const all = hintedWaits(run);
  const own = ownBackoff(run);
  const explanation = explain(all, tauUs).find((one) => isProof(one, all, tauUs)) ?? explainWithJitter(all, tauUs);
  return [...Map.groupBy(all, ({ form }) => form).values()].flatMap((retries) => {
    const allTight =
      retries.length > 1 &&
      retries.every(({ gapUs }) => gapUs < tightUs) &&
      median(retries.map(({ gapUs }) => gapUs)) < tightUs / 5;
    const ofForm = readingOfForm(retries, tauUs);
    const reads = retries.map((told): HeaderReading => {
      const ownUs = own.get(told.refused.number - 1);
      const wrong =
        misreadingByAll(told, explanation, tauUs) ??
        (isLegal(told.form) ? earlyFault(told, ofForm, tauUs) : fallbackFault(told, { ownUs, tauUs, allTight }));
      const { form, gapUs, meantUs = 0 } = told;
      const unclear = wrong === undefined && isLegal(form) && meantUs > 0 && gapUs > MAX_JITTER_RATIO * meantUs + tauUs;
      return { told, wrong, unclear };
    });
    return forgiveOtherLayers(reads);
  });
}

/**
 * A reader treats hints of one form alike. Where it mostly falls back to its own backoff, retries at once have another cause,
 * such as a loop around the SDK.
 */
function forgiveOtherLayers(reads: readonly HeaderReading[]): readonly HeaderReading[] {
  const isAtOnce = ({ told, wrong }: HeaderReading): boolean => wrong === 'retried at once' && !isLegal(told.form);
  const right = reads.filter(({ wrong }) => wrong === undefined).length;
  if (reads.filter(isAtOnce).length >= right) return reads;
  return reads.map((read) => (isAtOnce(read) ? { ...read, wrong: undefined } : read));
}

/**
 * Whether a misreading is proven. It predicts two different waits, or one that a client does not choose by itself; where all
 * waits are alike, they may be the client's own pause.
 */
function isProof({ differs, values, reading }: Explanation, told: readonly HintedWait[], tauUs: number): boolean {
  if (!differs) return false;
  const longest = told.reduce((most, one) => Math.max(most, predictedUs(one, reading) ?? 0), 0);
  if (longest <= AT_ONCE_US) return false;
  // A sign that is lost changes a wait that nobody demands, so that one value may be the client's own pause.
  const isDemanded = told.some(
    (one) => isLegal(one.form) && !isNear(one.meantUs ?? 0, predictedUs(one, reading) ?? 0, tauUs),
  );
  return values > 1 || (isDemanded && !told.every(({ form }) => form === 'whole seconds'));
}

/** The misreading that explains the waits after one form. Waits of no length at all have many explanations. */
function readingOfForm(retries: readonly HintedWait[], tauUs: number): Misreading | undefined {
  if (retries.every(({ form }) => form === 'whole seconds' || form === 'milliseconds')) return undefined;
  const alike = explain(retries, tauUs).filter(({ differs }) => differs);
  return alike.find(({ reading }) => retries.every((told) => (predictedUs(told, reading) ?? 0) > AT_ONCE_US))?.reading;
}

function earlyFault(told: HintedWait, ofForm: Misreading | undefined, tauUs: number): Misreading | undefined {
  if (!isEarly(told, tauUs)) return undefined;
  return ofForm ?? (told.gapUs <= AT_ONCE_US ? 'retried at once' : 'not read');
}

function misreadingByAll(
  told: HintedWait,
  explanation: Explanation | undefined,
  tauUs: number,
): Misreading | undefined {
  if (!explanation) return undefined;
  const us = predictedUs(told, explanation.reading);
  return us === undefined || isNear(told.meantUs ?? -1, us, tauUs) ? undefined : explanation.reading;
}

/** Median waits by retry that no hint preceded; empty if they vary so much that a short one proves nothing. */
function ownBackoff(run: Run): ReadonlyMap<number, number> {
  const hintless = ownGaps(run).filter(
    ({ before, cause }) => cause !== 'rejections' && before.retryAfterRaw === undefined,
  );
  if ((spreadOf(hintless)?.cv ?? 0) > FULL_JITTER) return new Map();
  return new Map(
    [...Map.groupBy(hintless, ({ retry }) => retry)].map(([retry, gaps]) => [
      retry,
      median(gaps.map(({ gapUs }) => gapUs)),
    ]),
  );
}

/** What is wrong with the wait after a hint that demands none: no wait at all, or one much longer than usual. */
function fallbackFault(
  { gapUs, form }: HintedWait,
  { ownUs, tauUs, allTight }: { ownUs: number | undefined; tauUs: number; allTight: boolean },
): Misreading | undefined {
  if (allTight || gapUs <= AT_ONCE_US || (ownUs !== undefined && gapUs < 0.5 * ownUs - tauUs)) return 'retried at once';
  return form !== 'epoch' && ownUs !== undefined && gapUs > MAX_BACKOFF_RATIO * ownUs
    ? 'waited far too long'
    : undefined;
}
