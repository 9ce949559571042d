import { ownWaitRangeMs } from './client-value.ts';
import { type Expectation, type Gap, type Seen, TAU_MS } from './seen.ts';

/** A refusal whose wait can be read was followed by an attempt that came before it was over. */
export function expectIgnores({ client, gaps }: Seen): Expectation {
  if (client.hedgeAfterMs !== null) return 'open';
  const told = gaps.filter(({ meantMs = 0 }) => meantMs > TAU_MS);
  const short = told.filter(({ gapMs, meantMs }) => gapMs < meantMs! - TAU_MS - 1);
  const means = told.every(({ readMs = 0, meantMs, isOuter, isOwn }) => !isOuter && !isOwn && readMs >= meantMs!);
  if (means) return 'clean';
  return short.length > 0 ? 'fault' : 'open';
}

/** Careless readings that take another wait than was meant from what was sent here. */
export function expectMisreads({ client, gaps }: Seen): Expectation {
  if (client.reading === 'exact')
    return client.obeysUpToMs < 3_600_000 || client.hedgeAfterMs !== null ? 'open' : 'clean';
  if (client.reading === 'ignored' || client.reading === 'strict' || client.reading === 'own-clock') return 'open';
  if (client.gate.kind !== 'none' || client.hedgeAfterMs !== null) return 'open';
  const misread = gaps.filter(
    ({ isOuter, isOwn, readMs, meantMs }) => !isOuter && !isOwn && isOtherWait(readMs, meantMs),
  );
  // What is within the jitter on top cannot be told from it, and a wait of some milliseconds not from none.
  const apart = misread.filter(
    ({ gapMs, readMs, meantMs = 0 }) =>
      !(readMs! < 10) && (gapMs < meantMs - 10 || (readMs! > 2.2 * meantMs && gapMs > 2.2 * meantMs)),
  );
  return misread.length === 0
    ? 'clean'
    : new Set(apart.map(({ before }) => before.retryAfterRaw)).size > 0 && apart.length > 2
      ? 'fault'
      : 'open';
}

function isOtherWait(readMs: number | undefined, meantMs: number | undefined): boolean {
  return readMs !== undefined && meantMs !== undefined && !(Math.abs(readMs - meantMs) <= TAU_MS);
}

/** An attempt that no limit could have admitted yet, by a client that was not told to come then. */
export function expectTooEarly({ client, gaps }: Seen): Expectation {
  if (client.hedgeAfterMs !== null) return 'open';
  const limited = gaps.filter(({ before }) => before.deniedBy !== undefined && before.admitAfterUs !== undefined);
  const openMs = ({ before }: Gap): number => (before.startUs + before.admitAfterUs! - before.endUs) / 1000;
  const early = limited.filter((gap) => gap.gapMs < openMs(gap) - TAU_MS - 1);
  const obedient = limited.every((gap) => !gap.isOuter && !gap.isOwn && gap.readMs! >= openMs(gap) - TAU_MS);
  if (obedient || limited.length === 0) return 'clean';
  return early.length > 0.07 * limited.length ? 'fault' : 'open';
}

/** Waits that do not grow, where the client had two or more of its own in a call. */
export function expectFixedInterval({ client, gaps }: Seen): Expectation {
  const { factor, baseMs, capMs, jitter } = client.wait;
  const [, second] = ownWaitRangeMs(client.wait, 1);
  if (client.hedgeAfterMs !== null || client.outer !== null || client.gate.kind !== 'none') return 'open';
  const grows = factor >= 1.9 && capMs >= 3 * baseMs;
  if (grows && misreadNone(gaps)) return 'clean';
  const calls = Map.groupBy(
    gaps.filter(({ isOwn }) => isOwn),
    ({ call, ending }) => `${call.id} ${ending}`,
  );
  const several = [...calls.values()].filter((own) => own.length > 1);
  const enough = { none: 1, 'minus-quarter': 12, 'plus-minus-fifth': 12, equal: Infinity, full: Infinity }[jitter];
  return factor < 1.1 && second > 0 && several.length >= enough ? 'fault' : 'open';
}

/** A careless reading may make waits look fixed, or random. */
function misreadNone(gaps: readonly Gap[]): boolean {
  return gaps.every(({ readMs, meantMs }) => readMs === undefined || !isOtherWait(readMs, meantMs ?? Number.NaN));
}

/** Ten or more own waits before the same retry, after the same kind of ending, all equally long. */
export function expectNoJitter({ client, gaps }: Seen): Expectation {
  if (client.hedgeAfterMs !== null || client.outer !== null || client.gate.kind !== 'none') return 'open';
  if (client.wait.jitter !== 'none') return misreadNone(gaps) ? 'clean' : 'open';
  const own = gaps.filter(({ isOwn, ending }) => isOwn && ending !== 'spent' && ending !== 'rejected');
  const groups = [...Map.groupBy(own, ({ retry, ending }) => `${retry} ${ending}`).values()];
  return groups.some(({ length }) => length >= 12) ? 'fault' : 'open';
}

const TOGETHER_MS = 20;

/** Many calls, refused at one time and back at one time, far more than the quota takes. */
export function expectHerd({ client, world, gaps }: Seen): Expectation {
  const { jitter, baseMs } = client.wait;
  if (client.hedgeAfterMs !== null || client.outer !== null) return 'open';
  if (client.gate.kind === 'queue' && client.gate.burst === 1) return 'clean';
  const spreads = (jitter === 'full' || jitter === 'equal') && baseMs >= 500 && client.spread >= 0.5;
  if (spreads && misreadNone(gaps)) return 'clean';
  if (client.gate.kind !== 'none' || world.quotaPerS === Infinity) return 'open';
  const refused = gaps.filter(({ ending }) => ending === 'refused').sort((a, b) => a.before.endUs - b.before.endUs);
  const atOnce = Map.groupBy(refused, ({ before }) => Math.round(before.endUs / 1000 / TOGETHER_MS));
  const herds = [...atOnce.values()].filter((group) => {
    const back = group.map(({ next }) => next.startUs / 1000);
    const together = Math.max(...back) - Math.min(...back) <= TOGETHER_MS;
    const refilled = world.quotaPerS * ((Math.min(...back) - group[0]!.before.endUs / 1000) / 1000 + 1);
    return together && group.length >= 20 && group.length >= 6 * Math.max(1, refilled);
  });
  return herds.length > 0 ? 'fault' : 'open';
}

/** Waits far beyond what was told and what the limit needed. */
export function expectOverWaits({ client, world, gaps, run }: Seen): Expectation {
  if (client.hedgeAfterMs !== null || client.gate.kind !== 'none') return 'open';
  const limited = gaps.filter(({ before, ending }) => ending === 'refused' && before.admitAfterUs !== undefined);
  if (limited.length === 0) return 'clean';
  const waits = limited.map(({ before, meantMs = 0, gapMs }) => {
    const openMs = (before.startUs + before.admitAfterUs! - before.endUs) / 1000;
    const open = run.calls.filter(({ startUs, endUs }) => startUs <= before.endUs && endUs > before.endUs).length;
    return { gapMs, neededMs: Math.max(1, meantMs, openMs, (1000 * open) / world.quotaPerS) };
  });
  const far = waits.filter(({ gapMs, neededMs }) => gapMs > neededMs + 65_000 && gapMs > 6 * neededMs);
  const near = waits.filter(({ gapMs, neededMs }) => gapMs > neededMs + 8000);
  if (near.length === 0) return 'clean';
  return far.length > 0 ? 'fault' : 'open';
}

/** Dates that are taken against the client's own clock, where the provider's is wrong. */
export function expectClockSkew({ client, world, gaps }: Seen): Expectation {
  if (client.reading !== 'own-clock')
    return client.hedgeAfterMs !== null || client.reading === 'ignored' ? 'open' : 'clean';
  const skews = gaps
    .filter(({ ending, isOuter }) => ending === 'refused' && !isOuter)
    .map(({ before }) => before.dateSkewUs ?? 0);
  if (world.dateSkew.length === 0) return 'clean';
  return new Set(skews).size > 1 && skews.length >= 6 ? 'fault' : 'open';
}
