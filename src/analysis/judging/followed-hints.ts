import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { largest, smallest } from '../statistics/extremes.ts';
import {
  countDifferent,
  explain,
  type HintedWait,
  hintedWaits,
  leastUs,
  messageWaits,
  predictedUs,
  resetWaits,
  WIDE_JITTER,
} from './hinted-waits.ts';
import { toleranceUs } from './tolerance.ts';

/** Jitter on top of a requested wait, as a share of it, of any client. */
const JITTER = 0.5;
/** A client that obeys at least this share of the waits up to some length follows waits of that length. */
const FOLLOWED = 0.8;

/** Returns the refused attempts after which the client waited as it was told, as meant or by the one misreading that explains all. */
export const followedHints = memoizeByRun((run): ReadonlySet<Attempt> => {
  const tauUs = toleranceUs(run);
  return new Set([...obeyedIn(hintedWaits(run), tauUs), ...followedIn(run, tauUs)].map(({ refused }) => refused));
});

/** Waits that obedience explains, with some jitter on top, of lengths that the client does obey. */
function obeyedIn(told: readonly HintedWait[], tauUs: number): HintedWait[] {
  const byLength = told.filter(({ meantUs = 0 }) => meantUs > 0).sort((a, b) => a.meantUs! - b.meantUs!);
  let kept = 0;
  let followedUpToUs = 0;
  for (const [index, { gapUs, meantUs }] of byLength.entries()) {
    if (gapUs >= leastUs(meantUs!, tauUs)) kept++;
    const isLastOfLength = byLength[index + 1]?.meantUs !== meantUs;
    if (isLastOfLength && kept >= FOLLOWED * (index + 1)) followedUpToUs = meantUs!;
  }
  const onTop = spreadsOnTop(byLength, tauUs) ? WIDE_JITTER : JITTER;
  return byLength.filter(
    (one) =>
      one.meantUs! <= followedUpToUs &&
      one.gapUs >= leastUs(one.meantUs!, tauUs) &&
      one.gapUs <= mostUs(one) + Math.max(tauUs, onTop * mostUs(one)),
  );
}

/** Whether every wait is as long as requested and at most twice that, spread over more than half of what is on top. */
function spreadsOnTop(told: readonly HintedWait[], tauUs: number): boolean {
  const onTop = told.map(({ gapUs, meantUs }) => gapUs / meantUs! - 1);
  const isWithin = told.every(
    (one) => one.gapUs >= leastUs(one.meantUs!, tauUs) && one.gapUs <= (1 + WIDE_JITTER) * mostUs(one) + tauUs,
  );
  return isWithin && largest(onTop) - smallest(onTop) > JITTER * largest(onTop);
}

/** Dates, the one to wait for and the one of the reply, have a resolution of one second. */
const mostUs = ({ form, meantUs = 0 }: HintedWait): number => meantUs + (form === 'date' ? 1_000_000 : 0);

/** Waits that a misreading explains, and waits for resets or by messages, where they follow at least two different values. */
function followedIn(run: Run, tauUs: number): HintedWait[] {
  const byMessage = followsMessages(run, tauUs) ? messageWaits(run) : [];
  const others = [hintedWaits(run), resetWaits(run)].flatMap((told) => {
    const [best] = explain(told, tauUs).filter(({ values }) => values > 1);
    if (best) return told.filter((one) => predictedUs(one, best.reading) !== undefined);
    return followsResets(told, tauUs) ? [...told] : [];
  });
  return [...others, ...byMessage];
}

/** Returns whether a client waits for resets: every wait is one, with at most a quarter on top, and they differ. */
export function followsResets(resets: readonly HintedWait[], tauUs: number): boolean {
  return resets.every(({ hint }) => hint.source === 'reset') && followsEach(resets, tauUs);
}

/** Waits by the message from which a reader of messages is told, and how far they differ: less may be a pause of its own that fits. */
const MIN_MESSAGES = 3;
const MESSAGES_DIFFER = 1.5;

/** Returns whether a client waits as the messages of its refusals say, after each that states a wait. */
export function followsMessages(run: Run, tauUs: number): boolean {
  const told = messageWaits(run);
  const meant = told.map(({ meantUs = 0 }) => meantUs);
  const differ = largest(meant) >= MESSAGES_DIFFER * smallest(meant);
  return told.length >= MIN_MESSAGES && differ && followsEach(told, tauUs);
}

/** Whether every wait is as long as it was told, with at most a quarter on top, and not all were told the same. */
function followsEach(told: readonly HintedWait[], tauUs: number): boolean {
  const meant = told.flatMap(({ meantUs }) => (meantUs === undefined ? [] : [meantUs]));
  return (
    meant.length === told.length &&
    countDifferent(meant, tauUs) > 1 &&
    told.every(({ gapUs, meantUs = 0 }) => gapUs >= leastUs(meantUs, tauUs) && gapUs <= 1.25 * meantUs + tauUs)
  );
}
