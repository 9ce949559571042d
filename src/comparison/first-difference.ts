import type { Attempt, Call, Run } from '../analysis/run/run-view.ts';

/** Where two runs of one seed part: the first attempt or call that is not the same in both. */
export interface FirstDifference {
  readonly seed: number;
  readonly kind: 'attempt' | 'call';
  readonly atUs: number;
  /** `content`: the same attempts at the same times, of other content. */
  readonly of: 'behaviour' | 'content';
  readonly base: string;
  readonly candidate: string;
}

/** Something that began and ended, and all that may differ in words. */
type Event = { readonly startUs: number; readonly endUs: number; readonly text: string };

/**
 * The first attempt or call that differs: in what a client does and gets, or where that is all the same, in
 * what it sends. Undefined for two runs that are the same.
 */
export function firstDifference(base: Run, candidate: Run): FirstDifference | undefined {
  return (
    firstOf(base, candidate, 'behaviour', attemptEvent, callEvent) ??
    firstOf(base, candidate, 'content', contentEvent, callEvent)
  );
}

function firstOf(
  base: Run,
  candidate: Run,
  of: FirstDifference['of'],
  ofAttempt: (attempt: Attempt) => Event,
  ofCall: (call: Call) => Event,
): FirstDifference | undefined {
  const { seed } = candidate.header;
  const found = [
    { kind: 'attempt' as const, pair: firstPair(base.attempts, candidate.attempts, ofAttempt) },
    { kind: 'call' as const, pair: firstPair(base.calls, candidate.calls, ofCall) },
  ].flatMap(({ kind, pair }) => (pair ? [{ kind, ...pair }] : []));
  const [first] = found.sort((a, b) => a.atUs - b.atUs);
  return first && { seed, of, ...first };
}

/** Both lists are by start. The moment is that at which the two part. */
function firstPair<Item>(
  base: readonly Item[],
  candidate: readonly Item[],
  read: (item: Item) => Event,
): { atUs: number; base: string; candidate: string } | undefined {
  for (let index = 0; index < Math.max(base.length, candidate.length); index++) {
    const [before, after] = [base[index], candidate[index]].map((item) =>
      item === undefined ? undefined : read(item),
    );
    if (before?.text === after?.text) continue;
    return { atUs: partingUs(before, after), base: told(before, after), candidate: told(after, before) };
  }
  return undefined;
}

/** What one side did, seen from the other: of two that began at different moments, the later is what came instead. */
function told(own: Event | undefined, other: Event | undefined): string {
  if (!own) return 'nothing more';
  return other && other.startUs < own.startUs ? `nothing until ${own.text}` : own.text;
}

function partingUs(before: Event | undefined, after: Event | undefined): number {
  if (!before || !after) return (before ?? after)!.startUs;
  return before.startUs === after.startUs
    ? Math.min(before.endUs, after.endUs)
    : Math.min(before.startUs, after.startUs);
}

function attemptEvent({ call, number, startUs, endUs, status, outcome }: Attempt): Event {
  const whose = call === null ? 'an attempt of no call' : `attempt ${number} of call ${call}`;
  const how = outcome === 'response' ? String(status) : outcome;
  return { startUs, endUs, text: `${whose} at ${ms(startUs)}, ${how} at ${ms(endUs)}` };
}

function callEvent({ id, scheduledUs, startUs, endUs, result }: Call): Event {
  const due = scheduledUs === startUs ? '' : `, due at ${ms(scheduledUs)}`;
  return { startUs, endUs, text: `call ${id}${due}, begun at ${ms(startUs)}, ${result} at ${ms(endUs)}` };
}

/** Exact: a millisecond more is a difference. */
function ms(us: number): string {
  return `${us / 1000}ms`;
}

function contentEvent(attempt: Attempt): Event {
  const event = attemptEvent(attempt);
  const { bodyBytes, bodyHash, userAgent, endpoint, model } = attempt;
  return {
    ...event,
    text: `${event.text}: ${bodyBytes} bytes (${bodyHash}) to ${endpoint}, ${model}, from ${userAgent}`,
  };
}
