import { isAnswered } from '../../mock-server/ending.ts';
import { formatMetric } from '../analysis/format.ts';
import type { Attempt, Call, Run } from '../analysis/run/run-view.ts';

const LONG_CALL_US = 30_000_000;
/** Waits are shown to a tenth of a second, short ones to the millisecond. */
const COARSE_US = 100_000;

/** Describes in one phrase what a client did in a run: answers, attempts, waits between attempts, long calls. */
export function describeRun({ calls, endUs }: Pick<Run, 'calls' | 'endUs'>): string {
  const succeeded = calls.filter(({ result }) => result === 'ok');
  const answered = succeeded.filter(({ attempts }) => attempts.some(isAnswered)).length;
  const open = calls.filter(({ result }) => result === 'open').length;
  const silent = calls.filter(({ attempts }) => attempts.length === 0).length;
  const most = calls.reduce((max, { attempts }) => Math.max(max, attempts.length), 0);
  const longestUs = calls.reduce((max, call) => Math.max(max, durationOf(call)), 0);
  return [
    `${answered} of ${calls.length} answered`,
    ...(succeeded.length > answered ? [`${succeeded.length} reported success`] : []),
    most === 1 ? 'one try each' : `up to ${most} tries`,
    ...describeWaits(calls),
    ...(silent > 0 ? [`${silent} sent nothing`] : []),
    ...(longestUs > LONG_CALL_US ? [`up to ${shown(longestUs)} a call`] : []),
    ...(open > 0 ? [`${open} open after ${shown(endUs)}`] : []),
  ].join(', ');
}

function durationOf({ startUs, endUs }: Call): number {
  return endUs - startUs;
}

function describeWaits(calls: readonly Call[]): string[] {
  const waits = calls.flatMap(({ attempts }) => attempts.slice(1).map((next, index) => gapUs(attempts[index]!, next)));
  if (waits.length === 0) return [];
  const [least, most] = [waits, waits].map((all, index) =>
    all.reduce((one, other) => (index === 0 ? Math.min(one, other) : Math.max(one, other))),
  ) as [number, number];
  const [from, to] = [shown(least), shown(most)];
  return [from === to ? `waits of ${from}` : `waits of ${from} to ${to}`];
}

/** From the head of a reply, or its end without one, to the next attempt; 0 if the next came before. */
function gapUs(before: Attempt, next: Attempt): number {
  return Math.max(0, next.startUs - (before.headersUs ?? before.endUs));
}

function shown(us: number): string {
  return formatMetric(us < 1_000_000 ? us : Math.round(us / COARSE_US) * COARSE_US);
}
