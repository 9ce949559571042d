import type { Attempt, Call, Run } from '../analysis/run/run-view.ts';

/** The first attempt or call that differs between two runs of one seed. */
export interface FirstDifference {
  readonly seed: number;
  readonly kind: 'attempt' | 'call';
  readonly atUs: number;
  /** `content`: equal attempts at equal times with different content. */
  readonly of: 'behaviour' | 'content';
  readonly base: string;
  readonly candidate: string;
}

/** An attempt or call with a description of everything compared. */
type RunEvent = { readonly startUs: number; readonly endUs: number; readonly text: string };

/**
 * Finds the first attempt or call that differs in behaviour (times and results), or else in the content sent. Undefined for
 * equal runs.
 */
export function diffRuns(base: Run, candidate: Run): FirstDifference | undefined {
  return (
    findFirst(base, candidate, 'behaviour', describeAttempt, describeCall) ??
    findFirst(base, candidate, 'content', describeContent, describeCall)
  );
}

function findFirst(
  base: Run,
  candidate: Run,
  of: FirstDifference['of'],
  readAttempt: (attempt: Attempt) => RunEvent,
  readCall: (call: Call) => RunEvent,
): FirstDifference | undefined {
  const { seed } = candidate.header;
  const found = [
    { kind: 'attempt' as const, pair: findFirstPair(base.attempts, candidate.attempts, readAttempt) },
    { kind: 'call' as const, pair: findFirstPair(base.calls, candidate.calls, readCall) },
  ].flatMap(({ kind, pair }) => (pair ? [{ kind, ...pair }] : []));
  const [first] = found.sort((a, b) => a.atUs - b.atUs);
  return first && { seed, of, ...first };
}

/** Both lists are in order of start. `atUs` is when the runs diverge. */
function findFirstPair<Item>(
  base: readonly Item[],
  candidate: readonly Item[],
  read: (item: Item) => RunEvent,
): { atUs: number; base: string; candidate: string } | undefined {
  for (let index = 0; index < Math.max(base.length, candidate.length); index++) {
    const [before, after] = [base[index], candidate[index]].map((item) =>
      item === undefined ? undefined : read(item),
    );
    if (before?.text === after?.text) continue;
    return {
      atUs: divergedAtUs(before, after),
      base: describeEvent(before, after),
      candidate: describeEvent(after, before),
    };
  }
  return undefined;
}

/** Describes the event of one side relative to the other side. */
function describeEvent(own: RunEvent | undefined, other: RunEvent | undefined): string {
  if (!own) return 'nothing more';
  return other && other.startUs < own.startUs ? `nothing until ${own.text}` : own.text;
}

function divergedAtUs(before: RunEvent | undefined, after: RunEvent | undefined): number {
  if (!before || !after) return (before ?? after)!.startUs;
  return before.startUs === after.startUs
    ? Math.min(before.endUs, after.endUs)
    : Math.min(before.startUs, after.startUs);
}

function describeAttempt({ call, number, startUs, endUs, status, outcome }: Attempt): RunEvent {
  const name = call === null ? 'an unattributed attempt' : `attempt ${number} of call ${call}`;
  const result = outcome === 'response' ? String(status) : outcome;
  return { startUs, endUs, text: `${name} at ${ms(startUs)}, ${result} at ${ms(endUs)}` };
}

function describeCall({ id, scheduledUs, startUs, endUs, result }: Call): RunEvent {
  const due = scheduledUs === startUs ? '' : `, due at ${ms(scheduledUs)}`;
  return { startUs, endUs, text: `call ${id}${due}, started at ${ms(startUs)}, ${result} at ${ms(endUs)}` };
}

/** Unrounded, so that a difference of one microsecond is visible. */
function ms(us: number): string {
  return `${us / 1000}ms`;
}

function describeContent(attempt: Attempt): RunEvent {
  const event = describeAttempt(attempt);
  const { bodyBytes, bodyHash, userAgent, endpoint, model } = attempt;
  return {
    ...event,
    text: `${event.text}: ${bodyBytes} bytes (${bodyHash}) to ${endpoint}, ${model}, from ${userAgent}`,
  };
}
